import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { referenceOf } from '#src/sync/own-reference.ts';
import { entityIn } from './custom-fields.ts';
import { insertExclusions } from './exclusions.ts';
import { writeAudit, writeJournal } from './journal.ts';
import { linkTable, type LinkState } from './link-state.ts';
import { lockCreates } from './lock-creates.ts';
import type { Person } from './person.ts';
import { isUniqueViolation } from './postgres-error.ts';
import type { Refusal } from './refusal.ts';
import {
	codeTaken,
	furtherNotRestored,
	intentOpen,
	nothingKept,
	nothingMissing,
	notSending,
	unknownEntity,
	unknownLink
} from './refusals.ts';
import { refusedThere } from './source-refusals.ts';
import { retrying } from './transaction.ts';
import { archiveLink, endOpenConflicts, lockLink } from './unlink-records.ts';

export type RestoreRecordInput = Person & { entity: string; linkId: string };
export type RestoreRecordResult =
	| {
			ok: true;
			/** The side that comes back: ours is there now, the channel's is created by the next run. */
			side: 'internal' | 'external';
			channelId: string;
			internalId: string;
			/** Links that carry on, of every channel. */
			links: { id: string; channelId: string }[];
	  }
	| Refusal;

/**
 * Brings back the missing side of a link. Ours: the record as it was when it was deleted, under its id; all its links carry
 * on. The channel's: the link ends, and a create of our record is stored as an intent, which the next run carries out; the
 * record that is gone stays out of everything, should it turn up again.
 */
export async function restoreRecord(db: Db, input: RestoreRecordInput): Promise<RestoreRecordResult> {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	try {
		return await retrying(db, (tx) => restoreWithin(tx, entity, input));
	} catch (error) {
		if (!isUniqueViolation(error)) {
			const refused = refusedThere((await entityIn(db, entity.name)) ?? entity, error);
			if (refused) return refused;
			throw error;
		}
		const [link] = await db.execute<{ there: boolean }>(sql`
			select exists (select 1 from ${sql.identifier(entity.recordTable)} r where r.id = m.${linkTable(entity).internal}) as there
			from ${linkTable(entity).map} m where m.id = ${input.linkId}::bigint`);
		return link?.there ? nothingMissing() : codeTaken(entity);
	}
}

async function restoreWithin(tx: Transaction, entity: Entity, input: RestoreRecordInput): Promise<RestoreRecordResult> {
	const [at] = await tx.execute<{ channelId: string; name: string; internalId: string }>(sql`
		select c.id::text as "channelId", c.name, m.${linkTable(entity).internal}::text as "internalId"
		from ${linkTable(entity).map} m join c_channel c on c.id = m.c_channel_id where m.id = ${input.linkId}::bigint`);
	if (!at) return unknownLink();
	await lockCreates(tx, at.channelId, entity.name);
	// Records before links: the order of whoever deletes one.
	const [record] = await tx.execute(sql`
		select id from ${sql.identifier(entity.recordTable)} where id = ${at.internalId}::bigint for key share`);
	const link = await lockLink(tx, entity, input.linkId);
	if (!link) return unknownLink();
	if (link.status !== 'orphan') return nothingMissing();
	if (!record) return bringBackOurs(tx, entity, link, input);
	return link.problem?.kind === 'missing-internal' ? nothingMissing() : createThere(tx, entity, link, at.name, input);
}

async function bringBackOurs(
	tx: Transaction,
	entity: Entity,
	link: LinkState,
	input: RestoreRecordInput
): Promise<RestoreRecordResult> {
	const [kept] = await tx.execute<{ row: string }>(sql`
		delete from sync_deleted_record where entity = ${entity.name} and record_id = ${link.internalId}::bigint returning "row"::text as "row"`);
	if (!kept) return nothingKept(entity);
	await entity.store.restore(tx, kept.row);
	const links = await carryOn(tx, entity, link.internalId, input.actor.name);
	await writeAudit(tx, input, {
		action: 'restore',
		object: `${entity.name}/${link.internalId}`,
		channelId: link.channelId,
		detail: { side: 'internal', links: links.map(({ id }) => id) }
	});
	return { ok: true, side: 'internal', channelId: link.channelId, internalId: link.internalId, links };
}

/** The links of a record that is there again are compared from their bases. */
async function carryOn(
	tx: Transaction,
	entity: Entity,
	internalId: string,
	actor: string
): Promise<{ id: string; channelId: string }[]> {
	const { map, internal, external } = linkTable(entity);
	const rows = await tx.execute<{ id: string; channelId: string }>(sql`
		with old as (
			select m.id, to_jsonb(m) as state from ${map} m where m.${internal} = ${internalId}::bigint and m.status = 'orphan' order by m.id for update
		), back as (
			update ${map} m set status = 'pending', problem = null, tries = 0, retry_at = null, dirty_seq = m.dirty_seq + 1, state_rev = m.state_rev + 1
			from old where m.id = old.id
			returning m.id, m.c_channel_id, m.${external} as external_id, m.external_variant_id, cm_state_delta(old.state, to_jsonb(m)) as link_state
		), written as (
			insert into sync_decision (c_channel_id, entity, link_id, internal_id, external_id, external_variant_id, actor, action, link_state)
			select c_channel_id, ${entity.name}, id, ${internalId}::bigint, external_id, external_variant_id, ${actor}, 'restore', link_state from back order by id
		)
		select id::text as id, c_channel_id::text as "channelId" from back order by back.id`);
	return [...rows];
}

async function createThere(
	tx: Transaction,
	entity: Entity,
	link: LinkState,
	channelName: string,
	input: RestoreRecordInput
): Promise<RestoreRecordResult> {
	const { channelId, internalId, externalId, variantId } = link;
	if (!link.isPrimary) return furtherNotRestored(channelName);
	const [at] = await tx.execute<{ pushLive: boolean; key: string | null }>(sql`
		select e.push_live as "pushLive", (select i.key from sync_installation i) as key from c_channel_entity e
		where e.c_channel_id = ${channelId}::bigint and e.entity = ${entity.name}`);
	if (!at?.pushLive || at.key === null) return notSending(channelName);
	const [intent] = await tx.execute(sql`
		select 1 from sync_intent where c_channel_id = ${channelId}::bigint and entity = ${entity.name} and internal_id = ${internalId}::bigint`);
	if (intent) return intentOpen(`in ${channelName}`);
	const [record] = await entity.store.read(tx, [internalId]);
	if (!record) return nothingKept(entity);
	const historyId = await archiveLink(tx, entity, link, { endedBy: input.actor.name, reason: 'restored' });
	await tx.execute(sql`delete from ${linkTable(entity).map} where id = ${link.id}::bigint`);
	await endOpenConflicts(tx, entity, link.id);
	const pair = { channelId, entity: entity.name, internalId, externalId, variantId };
	const marks = { pair: true, internal: false, external: true };
	await insertExclusions(tx, pair, { ...marks, reason: 'restored', createdBy: input.actor.name });
	const reference = referenceOf(at.key, entity.name, internalId);
	await tx.execute(sql`
		insert into sync_intent (c_channel_id, entity, internal_id, reference, fields, internal_rev)
		values (${channelId}::bigint, ${entity.name}, ${internalId}::bigint, ${reference}, ${JSON.stringify(record.fields)}::text::jsonb, ${record.rev})`);
	const inputs = { historyId, reference };
	const linkState = { ended: true as const };
	await writeJournal(tx, input, { ...pair, linkId: link.id, action: 'restore', inputs, linkState });
	const object = `${entity.name}-link/${link.id}`;
	const detail = { side: 'external', internalId, externalId, variantId, ...inputs };
	await writeAudit(tx, input, { action: 'restore', object, channelId, detail });
	return { ok: true, side: 'external', channelId, internalId, links: [] };
}
