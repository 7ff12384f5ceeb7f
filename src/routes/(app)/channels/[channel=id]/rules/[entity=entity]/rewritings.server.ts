import { error, type RequestEvent } from '@sveltejs/kit';
import { entityIn } from '#src/mappings/entities-now.ts';
import { learnedRewritings } from '#src/mappings/learned-rewritings.ts';
import { saveChannelEntity } from '#src/mappings/manage-channel.ts';
import { readChannel } from '#src/mappings/read-channel.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { act, textOf } from '#src/lib/server/act.ts';
import { good } from '#src/lib/server/form-input.ts';
import { fieldLabels } from '#src/lib/server/entity-page.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { ChannelEntityPolicy } from '#src/sync/policy.ts';
import type { Rewriting } from '#src/sync/rewriting.ts';

/** What the card of rewritings shows: those in use, then what the conflicts of a field suggest. */
export async function rewritingsShown(
	db: App.Locals['db'],
	entity: Entity,
	{ channelId, policy }: { channelId: string; policy: ChannelEntityPolicy }
) {
	const labels = fieldLabels(entity);
	const rowOf = (field: string, rewriting: Rewriting) => ({ field, label: labels[field] ?? field, rewriting });
	const inUse = Object.entries(policy.fields).flatMap(([field, { rewriting }]) =>
		rewriting && labels[field] !== undefined ? [rowOf(field, rewriting)] : []
	);
	const learned = await learnedRewritings(db, entity, { channelId });
	return {
		inUse,
		learned: learned.map(({ field, rewriting, sent, returned }) => ({
			...rowOf(field, rewriting),
			sent: String(sent ?? ''),
			returned: String(returned ?? '')
		}))
	};
}

/** `?/acceptRewriting`, `?/dropRewriting`: differences that the channel makes itself are equal, or no longer. Fields: settingsRev, field, rewriting (as JSON). */
export const acceptRewriting = (event: RequestEvent) =>
	saveRewriting(event, async ({ db, entity, field, data, channelId, channelName }) => {
		const learned = await learnedRewritings(db, entity, { channelId });
		const now = learned.find((each) => each.field === field)?.rewriting;
		// Only what the page showed is agreed to.
		if (now && JSON.stringify(now) === textOf(data, 'rewriting'))
			return { rewriting: now, flash: m.rewriting_accepted() };
		const [message, hint] = [m.rewriting_gone({ channel: channelName }), m.rewriting_gone_hint()];
		return { ok: false, kind: 'stale', message, hint } as const;
	});

export const dropRewriting = (event: RequestEvent) =>
	saveRewriting(event, async () => ({ rewriting: null, flash: m.rewriting_dropped() }));

type Chosen = { rewriting: Rewriting | null; flash: string };
type Refused = { ok: false; kind: string; message: string; hint: string };
type At = {
	db: App.Locals['db'];
	entity: Entity;
	field: string;
	data: FormData;
	channelId: string;
	channelName: string;
};

const saveRewriting = (event: RequestEvent, choose: (at: At) => Promise<Chosen | Refused>) =>
	act(event, 'manage-channel', async ({ data, actor, db }) => {
		const entity = await entityIn(db, event.params.entity ?? '');
		const channelId = event.params.channel ?? '';
		const channel = await readChannel(db, { channelId });
		const state = channel?.entities.find((each) => each.entity === entity?.name);
		if (!entity || !channel || !state)
			error(404, { message: m.channel_entity_unknown(), hint: m.channel_unknown_hint() });
		const field = textOf(data, 'field');
		const chosen = await choose({ db, entity, field, data, channelId, channelName: channel.name });
		if ('ok' in chosen) return chosen;
		const known = Object.entries(state.policy.fields).filter(([name]) =>
			entity.fields.some((each) => each.name === name)
		);
		const { firstContact: _, ...rule } = state.policy.fields[field] ?? {};
		const result = await saveChannelEntity(db, {
			channelId,
			entity: entity.name,
			settingsRev: Number(textOf(data, 'settingsRev')) || 0,
			policy: { fields: { ...Object.fromEntries(known), [field]: { ...rule, rewriting: chosen.rewriting } } },
			actor,
			via: 'web'
		});
		return result.ok ? good(chosen.flash) : result;
	});
