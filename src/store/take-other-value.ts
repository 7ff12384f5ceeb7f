import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { canonical, type Value } from '#src/sync/fields.ts';
import { isPointing } from '#src/sync/reference.ts';
import { entityIn } from './custom-fields.ts';
import { writeAudit, writeJournal } from './journal.ts';
import type { Person } from './person.ts';
import { isUniqueViolation } from './postgres-error.ts';
import type { Refusal } from './refusal.ts';
import { changedSince, chosenByHand, nothingToTakeBack, ourRecordGone, unknownLink, valueTaken } from './refusals.ts';
import { keptElsewhere } from './source-refusals.ts';
import { retrying } from './transaction.ts';
import { lockLink } from './unlink-records.ts';

export type TakeOtherValueInput = Person & { conflictId: string };
export type TakeOtherValueResult =
	{ ok: true; entity: string; field: string; linkId: string; internalId: string; value: Value } | Refusal;

type Settled = {
	entity: string;
	linkId: string;
	field: string;
	internal: Value;
	external: Value;
	winner: 'internal' | 'external';
	externalId: string;
	variantId: string;
	open: boolean;
};

/**
 * Gives the losing value of a conflict that a rule settled to our record; the next run sends it on. Refuses (`stale`) when
 * our record does not hold the winner's value any more.
 */
export async function takeOtherValue(db: Db, input: TakeOtherValueInput): Promise<TakeOtherValueResult> {
	try {
		return await retrying(db, async (tx) => {
			const [at] = await tx.execute<{ entity: string; linkId: string }>(sql`
				select entity, link_id::text as "linkId" from sync_conflict where id = ${input.conflictId}::bigint`);
			const entity = await entityIn(tx, at?.entity ?? '');
			if (!at || !entity) return nothingToTakeBack();
			// Links before conflicts: the order in which everybody locks.
			const link = await lockLink(tx, entity, at.linkId);
			if (!link) return unknownLink();
			const [conflict] = await tx.execute<Settled>(sql`
				select entity, link_id::text as "linkId", field, internal, external, winner, external_id as "externalId", external_variant_id as "variantId",
					state = 'settled' and reversed_by is null and winner is not null as open
				from sync_conflict where id = ${input.conflictId}::bigint for update`);
			if (!conflict?.open) return nothingToTakeBack();
			// Re-pointed since: the value was another record's.
			if (conflict.externalId !== link.externalId || conflict.variantId !== link.variantId) return nothingToTakeBack();
			const [record] = await entity.store.read(tx, [link.internalId]);
			const field = entity.fields.find(({ name }) => name === conflict.field);
			if (!record || !field) return ourRecordGone('There is nothing left to change.');
			const kept = keptElsewhere(entity, [field.name]);
			if (kept) return kept;
			if (isPointing(field.type) || (await isTranslated(tx, entity, link.id, field.name)))
				return chosenByHand(field.label);
			const [won, lost] =
				conflict.winner === 'internal'
					? [conflict.internal, conflict.external]
					: [conflict.external, conflict.internal];
			const now = record.fields[field.name] ?? null;
			if (canonical(field.type, now) !== canonical(field.type, won)) return changedSince(field.label);
			const written = await entity.store.compareAndSet(tx, [
				{ id: record.id, rev: record.rev, fields: { [field.name]: lost }, changed: {} }
			]);
			if (!written.has(record.id)) return changedSince(field.label);
			await tx.execute(
				sql`update sync_conflict set reversed_by = ${input.actor.name} where id = ${input.conflictId}::bigint`
			);
			const { channelId, internalId, externalId, variantId } = link;
			const change = {
				field: field.name,
				side: 'internal' as const,
				before: now,
				after: lost,
				rule: 'person',
				lost: now
			};
			await writeJournal(tx, input, {
				channelId,
				entity: entity.name,
				linkId: link.id,
				internalId,
				externalId,
				variantId,
				action: 'take-other',
				inputs: { conflictId: input.conflictId, winner: conflict.winner },
				changes: [change]
			});
			await writeAudit(tx, input, {
				action: 'take-other',
				object: `${entity.name}-link/${link.id}`,
				channelId,
				detail: { conflictId: input.conflictId, field: field.name }
			});
			return { ok: true, entity: entity.name, field: field.name, linkId: link.id, internalId, value: lost };
		});
	} catch (error) {
		if (!isUniqueViolation(error)) throw error;
		return valueTaken();
	}
}

/** Whether the channel's own value of the field is one of a value table, as the journal of the link has it. */
async function isTranslated(tx: Transaction, entity: Entity, linkId: string, field: string): Promise<boolean> {
	const rows = await tx.execute(sql`
		select 1 from sync_decision d, jsonb_to_recordset(d.changes) as c(field text, "table" text)
		where d.entity = ${entity.name} and d.link_id = ${linkId}::bigint and c.field = ${field} and c."table" is not null limit 1`);
	return rows.length > 0;
}
