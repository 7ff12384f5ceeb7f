import { fail, type RequestEvent } from '@sveltejs/kit';
import { Cron } from 'croner';
import { superValidate, type SuperValidated } from 'sveltekit-superforms';
import { setError } from 'sveltekit-superforms';
import { zod4 } from 'sveltekit-superforms/adapters';
import { channelRulesForm, type ChannelRulesForm } from '#src/lib/forms/channel-rules.ts';
import { cronOfDaily, dailyOfCron } from '#src/lib/forms/daily-cron.ts';
import { nextRuns } from '#src/lib/server/channel-health.ts';
import { requireRight } from '#src/lib/server/act.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { isZone } from '#src/lib/zone.ts';
import type { Schedule } from '#src/sync/policy.ts';

const defaultSeconds = 60;
const shownRuns = 5;

/** A stored schedule as the form shows it. */
export function scheduleValues(schedule: Schedule, zone: string) {
	if ('everySeconds' in schedule)
		return {
			scheduleKind: 'interval',
			everySeconds: schedule.everySeconds,
			at: '',
			days: 'all',
			cron: '',
			zone
		} as const;
	const daily = dailyOfCron(schedule.cron);
	return {
		scheduleKind: daily ? 'daily' : 'cron',
		everySeconds: defaultSeconds,
		at: daily?.at ?? '',
		days: daily?.days ?? 'all',
		cron: schedule.cron,
		zone: schedule.zone
	} as const;
}

/** The schedule that the form says. */
export function scheduleOf({ scheduleKind, everySeconds, at, days, cron, zone }: ChannelRulesForm): Schedule {
	if (scheduleKind === 'interval') return { everySeconds };
	return { cron: scheduleKind === 'daily' ? cronOfDaily({ at, days }) : cron, zone };
}

/** What is wrong with the schedule of a form that is valid otherwise; null where nothing is. */
export function scheduleProblem(form: SuperValidated<ChannelRulesForm>) {
	if (form.data.scheduleKind === 'interval') return null;
	if (!isZone(form.data.zone)) return setError(form, 'zone', m.rules_zone_wrong());
	if (form.data.scheduleKind === 'cron' && !isCron(form.data.cron)) return setError(form, 'cron', m.rules_cron_wrong());
	return null;
}

/** The next runs of a schedule from now on, as ISO text. */
export function comingRuns(schedule: Schedule): string[] {
	return nextRuns(schedule, Date.now(), shownRuns);
}

/** Says when the schedule on the screen would run, and stores nothing: hence a failure, which leaves the form alone. */
export async function previewSchedule(event: RequestEvent) {
	requireRight(event.locals, 'manage-channel');
	const form = await superValidate(await event.request.formData(), zod4(channelRulesForm));
	if (!form.valid) return fail(400, { form });
	return scheduleProblem(form) ?? fail(422, { form, nextRuns: comingRuns(scheduleOf(form.data)) });
}

function isCron(text: string): boolean {
	try {
		return text.trim().split(/\s+/).length === 5 && new Cron(text, { paused: true }).nextRun() !== null;
	} catch {
		return false;
	}
}
