import { error, fail, type RequestEvent } from '@sveltejs/kit';
import { superValidate } from 'sveltekit-superforms';
import { zod4 } from 'sveltekit-superforms/adapters';
import { syncedFields } from '#src/entities/entity.ts';
import { ceilingRows, ceilingsFrom } from '#src/lib/forms/ceiling-rules.ts';
import { channelRulesForm, fieldRules } from '#src/lib/forms/channel-rules.ts';
import { done, refuse, requireRight } from '#src/lib/server/act.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { entityIn } from '#src/mappings/entities-now.ts';
import { saveChannelEntity } from '#src/mappings/manage-channel.ts';
import { readChannel } from '#src/mappings/read-channel.ts';
import { readFieldSamples } from '#src/mappings/read-field-samples.ts';
import { referenceNames } from '#src/mappings/reference-names.ts';
import { flowOf, waysOf } from '#src/sync/flow.ts';
import { defaultPolicy } from '#src/sync/policy.ts';
import { matchGroupsShown, saveMatching } from './match-groups.server.ts';
import { acceptRewriting, dropRewriting, rewritingsShown } from './rewritings.server.ts';
import { comingRuns, previewSchedule, scheduleOf, scheduleProblem, scheduleValues } from './schedule.server.ts';
import type { Actions, PageServerLoad } from './$types';

const sides = ['internal', 'external'] as const;

export const load: PageServerLoad = async ({ locals, params, parent }) => {
	const { channel } = await parent();
	const state = channel.entities.find((each) => each.entity === params.entity);
	const entity = await entityIn(locals.db, params.entity);
	if (!state || !entity) error(404, { message: m.channel_entity_unknown(), hint: m.channel_unknown_hint() });
	const { policy, schedule } = state;
	const [samples, resources, rewritings] = await Promise.all([
		readFieldSamples(locals.db, entity, { channelId: params.channel }),
		locals.engine.resources(params.channel),
		rewritingsShown(locals.db, entity, { channelId: params.channel, policy })
	]);
	const at = (field: string) => ({ entity: entity.name, field, channelId: params.channel });
	const nameOf = await referenceNames(
		locals.db,
		sides.flatMap((side) =>
			Object.entries(samples?.[side] ?? {}).map(([field, value]) => ({ ...at(field), side, value }))
		)
	);
	const offered = resources.ok ? resources.data.find((each) => each.entity === entity.name)?.fields : undefined;
	const form = await superValidate(
		{
			settingsRev: state.settingsRev,
			conflict: policy.conflict,
			firstContact: policy.firstContact,
			autoCreateExternal: state.autoCreateExternal,
			autoCreateInternal: state.autoCreateInternal,
			allowSecondary: state.allowSecondary,
			...scheduleValues(schedule, locals.zone)
		},
		zod4(channelRulesForm),
		{ errors: false }
	);
	return {
		form,
		entity: params.entity,
		settingsRev: state.settingsRev,
		matching: matchGroupsShown(entity, policy),
		rewritings,
		ceilings: ceilingRows(policy.ceilings),
		live: { push: state.pushLive, pull: state.pullLive },
		createsThere: entity.comesFrom !== 'channel',
		zones: ['UTC', ...Intl.supportedValuesOf('timeZone')],
		nextRuns: channel.pausedAt ? [] : comingRuns(schedule),
		sampled: samples?.code ?? null,
		fields: syncedFields(entity).map(({ name, label, type, latest }) => {
			const there = offered?.find((field) => field.name === name);
			const rule = { name, readOnly: there?.readOnly ?? false, ...(latest && { latest }) };
			return {
				name,
				label,
				type,
				ways: waysOf(rule),
				offered: there !== undefined || offered === undefined,
				readOnly: rule.readOnly,
				internal: nameOf({ ...at(name), side: 'internal', value: samples?.internal[name] }),
				external: nameOf({ ...at(name), side: 'external', value: samples?.external[name] }),
				direction: flowOf(rule, policy),
				conflict: policy.fields[name]?.conflict ?? ''
			};
		})
	};
};

/** The safety limits that were entered; null where one is no number in its range. */
async function ceilingsOf({ locals, params }: RequestEvent, entity: string, data: FormData) {
	const channel = await readChannel(locals.db, { channelId: params.channel ?? '' });
	const state = channel?.entities.find((each) => each.entity === entity);
	return ceilingsFrom(data, state?.policy.ceilings ?? defaultPolicy.ceilings);
}

export const actions: Actions = {
	saveMatching,
	acceptRewriting,
	dropRewriting,
	nextRuns: previewSchedule,
	save: async (event) => {
		const actor = requireRight(event.locals, 'manage-channel');
		const entity = await entityIn(event.locals.db, event.params.entity);
		if (!entity) error(404, { message: m.channel_entity_unknown(), hint: m.channel_unknown_hint() });
		const data = await event.request.formData();
		const form = await superValidate(data, zod4(channelRulesForm));
		if (!form.valid) return fail(400, { form });
		const { conflict, firstContact, autoCreateExternal, autoCreateInternal, allowSecondary, settingsRev } = form.data;
		const wrong = scheduleProblem(form);
		if (wrong) return wrong;
		const fields = fieldRules(
			data,
			syncedFields(entity).map(({ name }) => name)
		);
		const ceilings = await ceilingsOf(event, entity.name, data);
		if (!ceilings) {
			const { status, data: refusal } = refuse({
				kind: 'invalid',
				message: m.ceiling_wrong(),
				hint: m.ceiling_wrong_hint()
			});
			return fail(status, { ...refusal, form });
		}
		const result = await saveChannelEntity(event.locals.db, {
			channelId: event.params.channel,
			entity: entity.name,
			settingsRev,
			policy: { conflict, firstContact, fields, ceilings },
			schedule: scheduleOf(form.data),
			autoCreateExternal,
			autoCreateInternal,
			allowSecondary,
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
