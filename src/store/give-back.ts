import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { DecisionChange } from '#src/db/schema/decisions.ts';
import type { Entity, EntityField, InternalRecord } from '#src/entities/entity.ts';
import { canGiveBack } from '#src/sync/give-back.ts';
import type { Value } from '#src/sync/fields.ts';
import { entityIn } from './custom-fields.ts';
import { writeAudit, writeJournal } from './journal.ts';
import type { LinkState } from './link-state.ts';
import type { Person } from './person.ts';
import { refusedValue } from './postgres-error.ts';
import type { Refusal } from './refusal.ts';
import { changedSince, nothingToGiveBack, ourRecordGone, unknownLink, valueTaken } from './refusals.ts';
import { keptElsewhere } from './source-refusals.ts';
import { retrying } from './transaction.ts';
import { lockLink } from './unlink-records.ts';

export type GiveBackInput = Person & { decisionId: string; field: string; side: 'internal' | 'external' };
export type GiveBackResult =
	| { ok: true; entity: string; field: string; linkId: string; internalId: string; channelId: string; value: Value }
	| Refusal;

/**
 * Undoes one write of the journal by itself: our record gets the value from before it, and the next run sends that on.
 * Refuses (`stale`) where something was written over it since.
 */
export async function giveBack(db: Db, input: GiveBackInput): Promise<GiveBackResult> {
	try {
		return await retrying(db, (tx) => give(tx, input));
	} catch (error) {
		if (refusedValue(error) !== 'taken') throw error;
		return valueTaken();
	}
}

async function give(tx: Transaction, input: GiveBackInput): Promise<GiveBackResult> {
	const [at] = await tx.execute<{ entity: string; linkId: string | null; changes: DecisionChange[] }>(sql`
		select entity, link_id::text as "linkId", changes from sync_decision where id = ${input.decisionId}::bigint`);
	const entity = await entityIn(tx, at?.entity ?? '');
	const change = at?.changes.find(({ field, side }) => field === input.field && side === input.side);
	const field = entity?.fields.find(({ name }) => name === input.field);
	if (!at?.linkId || !entity || !change || !field) return nothingToGiveBack();
	const kept = keptElsewhere(entity, [field.name]);
	if (kept) return kept;
	const link = await lockLink(tx, entity, at.linkId);
	if (!link) return unknownLink();
	const [record] = await entity.store.read(tx, [link.internalId]);
	if (!record) return ourRecordGone('There is nothing left to change.');
	if (!standsStill(change, field, link, record)) return changedSince(field.label);
	const write = { id: record.id, rev: record.rev, fields: { [field.name]: change.before }, changed: {} };
	if (!(await entity.store.compareAndSet(tx, [write])).has(record.id)) return changedSince(field.label);
	await journal(tx, input, { entity, link, field, now: record.fields[field.name] ?? null, value: change.before });
	const { id: linkId, internalId, channelId } = link;
	return { ok: true, entity: entity.name, field: field.name, linkId, internalId, channelId, value: change.before };
}

/** Whether what the change wrote is still what both sides hold. */
export function standsStill(
	change: DecisionChange,
	field: EntityField,
	link: Pick<LinkState, 'baseInternal' | 'baseExternal'>,
	record: InternalRecord
): boolean {
	const { baseInternal, baseExternal } = link;
	// What is worked out, or sent as it is now, has no earlier value to return to.
	if (field.derived || field.latest) return false;
	return canGiveBack(change, {
		type: field.type,
		required: field.required ?? false,
		internal: record.fields[field.name] ?? null,
		base: baseInternal && baseExternal && { internal: baseInternal, external: baseExternal }
	});
}

async function journal(
	tx: Transaction,
	input: GiveBackInput,
	at: { entity: Entity; link: LinkState; field: EntityField; now: Value; value: Value }
): Promise<void> {
	const { entity, link, field, now, value } = at;
	const { channelId, internalId, externalId, variantId } = link;
	const { decisionId, side } = input;
	await writeJournal(tx, input, {
		channelId,
		entity: entity.name,
		linkId: link.id,
		internalId,
		externalId,
		variantId,
		action: 'give-back',
		inputs: { decisionId, side },
		changes: [{ field: field.name, side: 'internal', before: now, after: value, rule: 'person', lost: now }]
	});
	const detail = { decisionId, field: field.name, side };
	await writeAudit(tx, input, { action: 'give-back', object: `${entity.name}-link/${link.id}`, channelId, detail });
}
