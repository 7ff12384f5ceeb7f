import { error } from '@sveltejs/kit';
import { can } from '#src/auth/roles.ts';
import type { Entity } from '#src/entities/entity.ts';
import { act, textOf } from '#src/lib/server/act.ts';
import { startRun } from '#src/lib/server/engine-actions.ts';
import { fieldShown } from '#src/lib/server/conflict-rows.ts';
import { countsIn, outcomeOf } from '#src/lib/first-contact.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { entityIn } from '#src/mappings/entities-now.ts';
import { countedAtMost, readFirstContact, settleFirstContact } from '#src/mappings/first-contact.ts';
import { readChannel } from '#src/mappings/read-channel.ts';
import { referenceNames } from '#src/mappings/reference-names.ts';
import { directionOf, firstContactRules, type ChannelEntityPolicy, type FirstContactRule } from '#src/sync/policy.ts';
import type { Actions, PageServerLoad } from './$types';

const sides = ['internal', 'external'] as const;

export const load: PageServerLoad = async ({ locals, params, parent, url, depends }) => {
	depends('app:first-contact');
	const { channel } = await parent();
	const entity = await entityIn(locals.db, params.entity);
	const state = channel.entities.find((each) => each.entity === params.entity);
	if (!state || !entity) error(404, { message: m.channel_entity_unknown(), hint: m.channel_unknown_hint() });
	const { policy } = state;
	const choices = choicesIn(entity, (field) => url.searchParams.get(field));
	const preview = url.searchParams.has('preview') && Object.keys(choices).length > 0;
	const atMost = preview ? null : countedAtMost;
	const [found, resources] = await Promise.all([
		readFirstContact(locals.db, entity, { channelId: params.channel, atMost }),
		locals.engine.resources(params.channel)
	]);
	const readOnly = new Set(
		resources.ok
			? resources.data
					.filter((resource) => resource.entity === entity.name)
					.flatMap((resource) => resource.fields.filter((field) => field.readOnly).map(({ name }) => name))
			: []
	);
	const at = (field: string) => ({ entity: entity.name, field, channelId: params.channel });
	const nameOf = await referenceNames(
		locals.db,
		found.fields.flatMap(({ field, samples }) =>
			samples.flatMap((sample) => sides.map((side) => ({ ...at(field), side, value: sample[side] })))
		)
	);
	return {
		entity: { name: entity.name, label: entity.label.many },
		settingsRev: state.settingsRev,
		live: { push: state.pushLive, pull: state.pullLive },
		compared: found.compared,
		notCompared: found.notCompared,
		preview,
		fields: found.fields.map((each) => {
			const rules = rulesOf(policy, each.field, readOnly.has(each.field));
			const chosen = choices[each.field];
			const rule = chosen && rules.includes(chosen) ? chosen : null;
			const samples = each.samples.map((sample) => ({
				...sample,
				internal: nameOf({ ...at(each.field), side: 'internal', value: sample.internal }),
				external: nameOf({ ...at(each.field), side: 'external', value: sample.external })
			}));
			const shown = fieldShown([entity], entity.name, each.field);
			return { ...each, ...shown, samples, rules, rule, outcome: outcomeOf(each, rule) };
		}),
		settled: Object.entries(policy.settled ?? {}).map(([field, { rule }]) => ({
			field,
			label: fieldShown([entity], entity.name, field).label,
			rule
		})),
		maySettle: can(locals.user?.role ?? 'viewer', 'resolve')
	};
};

/** What a field may be settled to: never to the side that it does not flow from. */
function rulesOf(policy: ChannelEntityPolicy, field: string, readOnly: boolean): FirstContactRule[] {
	const direction = directionOf(policy, field);
	const toChannel = !readOnly && (direction === 'both' || direction === 'to-channel');
	const fromChannel = direction === 'both' || direction === 'from-channel';
	return [
		...(toChannel ? (['internal-wins'] as const) : []),
		...(fromChannel ? (['external-wins'] as const) : []),
		...(toChannel || fromChannel ? (['fill-blanks'] as const) : [])
	];
}

function choicesIn(entity: Entity, valueOf: (field: string) => unknown): Record<string, FirstContactRule> {
	const chosen = entity.fields.flatMap(({ name }) => {
		const rule = firstContactRules.find((each) => each === valueOf(name));
		return rule === undefined || rule === 'ask' ? [] : [[name, rule] as const];
	});
	return Object.fromEntries(chosen);
}

export const actions: Actions = {
	settle: (event) =>
		act(event, 'resolve', async ({ data, actor, db, locals }) => {
			const { channel: channelId, entity: name } = event.params;
			const entity = await entityIn(db, name);
			if (!entity)
				return {
					ok: false,
					kind: 'unknown-entity',
					message: m.channel_entity_unknown(),
					hint: m.channel_unknown_hint()
				};
			const choices = choicesIn(entity, (field) => data.get(`rule.${field}`));
			const counts = Object.fromEntries(
				Object.keys(choices).map((field) => [field, countsIn(textOf(data, `counts.${field}`))])
			);
			const settingsRev = Number(textOf(data, 'settingsRev'));
			const input = { channelId, entity: name, settingsRev, choices, counts, actor, via: 'web' } as const;
			const result = await settleFirstContact(db, input);
			if (!result.ok) return result;
			const run = await startRun(locals, { channelId, entity: name, mode: 'incremental' });
			const channel = await readChannel(db, { channelId });
			const state = channel?.entities.find((each) => each.entity === name);
			// A run of a channel that only watches writes nothing: what comes next is on the channel's page.
			if (!state?.pushLive && !state?.pullLive) {
				const text = m.firstc_settled_watching({ count: result.links });
				return { ok: true, flash: { tone: 'good', text }, to: `/channels/${channelId}` };
			}
			const to = run.ok && run.to !== undefined ? run.to : `/channels/${channelId}/first-contact/${name}`;
			return { ok: true, flash: { tone: 'good', text: m.firstc_settled({ count: result.links }) }, to };
		}),
	askAgain: (event) =>
		act(event, 'resolve', async ({ data, actor, db }) => {
			const { channel: channelId, entity } = event.params;
			const settingsRev = Number(textOf(data, 'settingsRev'));
			const choices = { [textOf(data, 'field')]: 'ask' as const };
			const input = { channelId, entity, settingsRev, choices, counts: {}, actor, via: 'web' } as const;
			const result = await settleFirstContact(db, input);
			if (!result.ok) return result;
			return { ok: true, flash: { tone: 'info', text: m.firstc_asks_again() } };
		})
};
