import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { DecisionChange, LinkStateDelta } from '#src/db/schema/decisions.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import { basesAfterChoice } from '#src/sync/reference.ts';
import { entityIn } from './custom-fields.ts';
import { writeAudit, writeJournal } from './journal.ts';
import { linkTable, type LinkState } from './link-state.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { changedMeanwhile, nothingChosen, ourRecordGone, unknownEntity, unknownLink } from './refusals.ts';
import { keptElsewhere } from './source-refusals.ts';
import { retrying } from './transaction.ts';
import { lockLink } from './unlink-records.ts';

export type ResolveConflictsInput = Person & {
	entity: string;
	linkId: string;
	/** Whose value stays, by field. Fields left out stay open. */
	choices: Readonly<Record<string, 'internal' | 'external'>>;
	/** Our record's revision on the screen. */
	internalRev: string;
	/** The link's external version on the screen, '' for none. */
	externalVersion: string;
};
export type ResolveConflictsResult = { ok: true; linkId: string; resolved: number; open: number } | Refusal;

type OpenConflict = { id: string; field: string; external: Value };
/** An open conflict with what a person chose. */
export type Choice = OpenConflict & { winner: 'internal' | 'external'; internal: Value };

/**
 * Settles fields by a person's choice. Writes bases only, so that for each field just the chosen side has changed: the next
 * run carries it over like any edit. Refuses (`stale`) when either side is not what was on the screen.
 */
export async function resolveConflicts(db: Db, input: ResolveConflictsInput): Promise<ResolveConflictsResult> {
	const entity = await entityIn(db, input.entity);
	if (!entity) return unknownEntity(input.entity);
	if (Object.keys(input.choices).length === 0) return nothingChosen();
	const theirs = Object.keys(input.choices).filter((field) => input.choices[field] === 'external');
	const refused = keptElsewhere(entity, theirs);
	if (refused) return refused;
	return retrying(db, async (tx) => {
		const link = await lockLink(tx, entity, input.linkId);
		if (!link) return unknownLink();
		const [record] = await entity.store.read(tx, [link.internalId]);
		if (!record) return ourRecordGone('Unlink, or restore the record.');
		if (record.rev !== input.internalRev) return changedMeanwhile('Our record');
		if ((link.externalVersion ?? '') !== input.externalVersion) return changedMeanwhile("The channel's record");
		const open = await tx.execute<OpenConflict>(sql`
			select id::text as id, field, external from sync_conflict
			where entity = ${entity.name} and link_id = ${link.id}::bigint and state = 'open' order by sync_conflict.id for update`);
		const chosen = open.flatMap((conflict): Choice[] => {
			const winner = isFieldOf(entity, conflict.field) ? input.choices[conflict.field] : undefined;
			return winner ? [{ ...conflict, winner, internal: record.fields[conflict.field] ?? null }] : [];
		});
		if (chosen.length < Object.keys(input.choices).length) return changedMeanwhile('One of these conflicts');
		const linkState = await rebase(tx, entity, link, chosen, open.length - chosen.length);
		await closeConflicts(tx, chosen, input.actor.name);
		await writeDown(tx, input, { entity, link, chosen, linkState });
		return { ok: true, linkId: link.id, resolved: chosen.length, open: open.length - chosen.length };
	});
}

/** Whether the entity still has the field: a removed one is nothing to choose about. */
export function isFieldOf(entity: Entity, field: string): boolean {
	return entity.fields.some(({ name }) => name === field);
}

async function rebase(
	tx: Transaction,
	entity: Entity,
	link: LinkState,
	chosen: readonly Choice[],
	open: number
): Promise<LinkStateDelta | null> {
	const bases = basesOf(entity, chosen);
	const [ours, theirs] = [JSON.stringify(bases.internal), JSON.stringify(bases.external)];
	const status = open === 0 ? sql`'pending'` : sql`'conflict'`;
	const { map } = linkTable(entity);
	const [row] = await tx.execute<{ linkState: LinkStateDelta | null }>(sql`
		with old as (select to_jsonb(m) as state from ${map} m where m.id = ${link.id}::bigint)
		update ${map} m set base_internal = coalesce(m.base_internal, '{}') || ${ours}::text::jsonb,
			base_external = coalesce(m.base_external, '{}') || ${theirs}::text::jsonb,
			unconfirmed = array(select u from unnest(m.unconfirmed) u where not ${theirs}::text::jsonb ? u),
			status = ${status}, problem = null, tries = 0, retry_at = null, dirty_seq = m.dirty_seq + 1, state_rev = m.state_rev + 1
		from old where m.id = ${link.id}::bigint returning cm_state_delta(old.state, to_jsonb(m)) as "linkState"`);
	return row?.linkState ?? null;
}

/** Ends chosen conflicts in the name of whoever chose. */
export async function closeConflicts(tx: Transaction, chosen: readonly Choice[], decidedBy: string): Promise<void> {
	const rows = JSON.stringify(chosen.map(({ id, winner, internal }) => ({ id, winner, internal: [internal] })));
	await tx.execute(sql`
		update sync_conflict c set state = 'resolved', winner = r.winner, internal = r.internal -> 0, decided_by = ${decidedBy}, decided_at = now()
		from jsonb_to_recordset(${rows}::text::jsonb) as r(id bigint, winner text, internal jsonb) where c.id = r.id`);
}

/** What the journal and the audit trail keep of a person's choices. */
export function resolutionOf(
	input: ResolveConflictsInput,
	link: Pick<LinkState, 'baseInternal' | 'baseExternal'>,
	chosen: readonly Choice[]
) {
	const changes = chosen.map((each): DecisionChange => {
		const [before, after] = [loserOf(each), each.winner === 'internal' ? each.internal : each.external];
		const side = each.winner === 'internal' ? 'external' : 'internal';
		return { field: each.field, side, before, after, rule: 'person', lost: before };
	});
	const inputs = {
		choices: input.choices,
		internalRev: input.internalRev,
		externalVersion: input.externalVersion,
		baseInternal: link.baseInternal,
		baseExternal: link.baseExternal
	};
	return {
		changes,
		inputs,
		detail: { choices: Object.fromEntries(chosen.map(({ field, winner }) => [field, winner])) }
	};
}

async function writeDown(
	tx: Transaction,
	input: ResolveConflictsInput,
	{
		entity,
		link,
		chosen,
		linkState
	}: { entity: Entity; link: LinkState; chosen: readonly Choice[]; linkState: LinkStateDelta | null }
): Promise<void> {
	const { changes, inputs, detail } = resolutionOf(input, link, chosen);
	const { id: linkId, channelId, internalId, externalId, variantId } = link;
	const about = { channelId, linkId, internalId, externalId, variantId };
	await writeJournal(tx, input, { ...about, entity: entity.name, action: 'resolve', inputs, changes, linkState });
	await writeAudit(tx, input, { action: 'resolve', object: `${entity.name}-link/${linkId}`, channelId, detail });
}

/** What both sides of the chosen fields count as having agreed on: only the winner then differs from it. */
export function basesOf(
	entity: Entity,
	chosen: readonly Pick<Choice, 'field' | 'winner' | 'internal' | 'external'>[]
): { internal: Fields; external: Fields } {
	const fields = new Map(entity.fields.map((field) => [field.name, field]));
	const bases = chosen.map((each) => {
		const both = basesAfterChoice(fields.get(each.field) ?? { type: 'text' }, each.winner, each);
		return [each.field, both] as const;
	});
	return {
		internal: Object.fromEntries(bases.map(([field, { internal }]) => [field, internal])),
		external: Object.fromEntries(bases.map(([field, { external }]) => [field, external]))
	};
}

function loserOf({ winner, internal, external }: Choice): Value {
	return winner === 'internal' ? external : internal;
}
