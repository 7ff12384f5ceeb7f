import { error } from '@sveltejs/kit';
import { superValidate } from 'sveltekit-superforms';
import { zod4 } from 'sveltekit-superforms/adapters';
import { entityNamed } from '#src/entities/registry.ts';
import { channelRulesForm } from '#src/lib/forms/channel-rules.ts';
import { nextRuns } from '#src/lib/server/channel-health.ts';
import { m } from '#src/lib/paraglide/messages.js';
import type { PageServerLoad } from './$types';

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
