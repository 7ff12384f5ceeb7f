import { error, fail } from '@sveltejs/kit';
import { Cron } from 'croner';
import { setError, superValidate } from 'sveltekit-superforms';
import { zod4 } from 'sveltekit-superforms/adapters';
import { entityNamed } from '#src/entities/registry.ts';
import { channelRulesForm, fieldRules } from '#src/lib/forms/channel-rules.ts';
import { nextRuns } from '#src/lib/server/channel-health.ts';
import { done, refuse, requireRight } from '#src/lib/server/act.ts';
import { isZone } from '#src/lib/zone.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { saveChannelEntity } from '#src/mappings/manage-channel.ts';
import { matchGroupsShown, saveMatching } from './match-groups.server.ts';
import type { Actions, PageServerLoad } from './$types';

const defaultSeconds = 60;
const shownRuns = 3;

export const load: PageServerLoad = async ({ locals, params, parent }) => {
	const { channel } = await parent();
	const state = channel.entities.find((each) => each.entity === params.entity);
	const entity = entityNamed(params.entity);
	if (!state || !entity) error(404, { message: m.channel_entity_unknown(), hint: m.channel_unknown_hint() });
	const { policy, schedule } = state;
	const interval = 'everySeconds' in schedule;
	const form = await superValidate(
		{
			settingsRev: state.settingsRev,
			conflict: policy.conflict,
			firstContact: policy.firstContact,
			autoCreateExternal: state.autoCreateExternal,
			autoCreateInternal: state.autoCreateInternal,
			scheduleKind: interval ? 'interval' : 'cron',
			everySeconds: interval ? schedule.everySeconds : defaultSeconds,
			cron: interval ? '' : schedule.cron,
			zone: interval ? locals.zone : schedule.zone
		},
		zod4(channelRulesForm),
		{ errors: false }
	);
	return {
		form,
		entity: params.entity,
		settingsRev: state.settingsRev,
		matching: matchGroupsShown(entity, policy),
		live: { push: state.pushLive, pull: state.pullLive },
		zones: ['UTC', ...Intl.supportedValuesOf('timeZone')],
		nextRuns: interval || channel.pausedAt ? [] : nextRuns(schedule, Date.now(), shownRuns),
		fields: entity.fields.map(({ name, label }) => ({
			name,
			label,
			direction: policy.fields[name]?.direction ?? 'both',
			conflict: policy.fields[name]?.conflict ?? ''
		}))
	};
};

export const actions: Actions = {
	saveMatching,
	save: async (event) => {
		const actor = requireRight(event.locals, 'manage-channel');
		const entity = entityNamed(event.params.entity);
		if (!entity) error(404, { message: m.channel_entity_unknown(), hint: m.channel_unknown_hint() });
		const data = await event.request.formData();
		const form = await superValidate(data, zod4(channelRulesForm));
		if (!form.valid) return fail(400, { form });
		const { conflict, firstContact, autoCreateExternal, autoCreateInternal, settingsRev, everySeconds, cron, zone } =
			form.data;
		const timed = form.data.scheduleKind === 'cron';
		if (timed && !isZone(zone)) return setError(form, 'zone', m.rules_zone_wrong());
		if (timed && !isCron(cron)) return setError(form, 'cron', m.rules_cron_wrong());
		const fields = fieldRules(
			data,
			entity.fields.map(({ name }) => name)
		);
		const result = await saveChannelEntity(event.locals.db, {
			channelId: event.params.channel,
			entity: entity.name,
			settingsRev,
			policy: { conflict, firstContact, fields },
			schedule: timed ? { cron, zone } : { everySeconds },
			autoCreateExternal,
			autoCreateInternal,
			actor,
			via: 'web'
		});
		if (!result.ok) {
			const { status, data: refusal } = refuse(result);
			return fail(status, { ...refusal, form });
		}
		return done(event, { ok: true, flash: { tone: 'good', text: m.rules_saved() } });
	}
};

function isCron(text: string): boolean {
	try {
		return new Cron(text, { paused: true }).nextRun() !== null;
	} catch {
		return false;
	}
}
