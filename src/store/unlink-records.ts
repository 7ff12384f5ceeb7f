import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { Transaction } from '#src/db/client.ts';
import { insertExclusions } from './exclusions.ts';
import { writeAudit, writeJournal } from './journal.ts';
import { leaveWaitingLists } from './leave-waiting-lists.ts';
import { linkColumns, linkTable, type LinkState } from './link-state.ts';
import { lockCreates } from './lock-creates.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { unknownEntity, unknownLink } from './refusals.ts';
import { retrying } from './transaction.ts';

export type UnlinkRecordsInput = Person & {
	entity: string;
	linkId: string;
	reason?: string;
	/** Why both records are set aside, for the list of those; 'unlinked' if not given. */
	excludeReason?: string;
};
export type UnlinkRecordsResult =
	{ ok: true; historyId: string; internalId: string; externalId: string; channelId: string } | Refusal;

/**
 * Ends a link for good: the row goes to the archive with its bases, and automation keeps away from the pair and from both
 * records. Neither record is changed. `undoUnlink` brings it back.
 */
export async function unlinkRecords(db: Db, input: UnlinkRecordsInput): Promise<UnlinkRecordsResult> {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	return retrying(db, async (tx) => {
		const [at] = await tx.execute<{ channelId: string }>(sql`
			select m.c_channel_id::text as "channelId" from ${linkTable(entity).map} m where m.id = ${input.linkId}::bigint`);
		if (!at) return unknownLink();
		await lockCreates(tx, at.channelId, entity.name);
		const link = await lockLink(tx, entity, input.linkId);
		if (!link) return unknownLink();
		const reason = input.reason?.trim() ?? '';
		const historyId = await archiveLink(tx, entity, link, { endedBy: input.actor.name, reason });
		await tx.execute(sql`delete from ${linkTable(entity).map} where id = ${link.id}::bigint`);
		await endOpenConflicts(tx, entity, link.id);
		const pair = { ...link, entity: entity.name };
		await leaveWaitingLists(tx, pair);
		const all = { pair: true, internal: true, external: true };
		const why = input.excludeReason?.trim() || 'unlinked';
		await insertExclusions(tx, pair, { ...all, reason: why, createdBy: input.actor.name });
		const { channelId, internalId, externalId, variantId } = link;
		const inputs = { historyId, reason, baseInternal: link.baseInternal, baseExternal: link.baseExternal };
		await writeJournal(tx, input, {
			channelId,
			entity: entity.name,
			linkId: link.id,
			internalId,
			externalId,
			variantId,
			action: 'unlink',
			inputs,
			linkState: { ended: true }
		});
		const detail = { internalId, externalId, variantId, historyId, reason };
		await writeAudit(tx, input, { action: 'unlink', object: `${entity.name}-link/${link.id}`, channelId, detail });
		return { ok: true, historyId, internalId, externalId, channelId };
	});
}

/** One link, locked until the transaction ends. */
export async function lockLink(tx: Transaction, entity: Entity, linkId: string): Promise<LinkState | null> {
	const [link] = await tx.execute<LinkState>(sql`
		select ${linkColumns(entity)} from ${linkTable(entity).map} m where m.id = ${linkId}::bigint for update`);
	return link ?? null;
}

/** Copies a link's whole row to the archive; returns the archive's id. */
export async function archiveLink(
	tx: Transaction,
	entity: Entity,
	link: LinkState,
	{ endedBy, reason }: { endedBy: string; reason: string }
): Promise<string> {
	const [row] = await tx.execute<{ id: string }>(sql`
		insert into link_history (entity, link_id, c_channel_id, internal_id, external_id, external_variant_id, "row", ended_by, reason)
		select ${entity.name}, m.id, m.c_channel_id, ${link.internalId}::bigint, ${link.externalId}, m.external_variant_id, to_jsonb(m), ${endedBy}, ${reason}
		from ${linkTable(entity).map} m where m.id = ${link.id}::bigint returning id::text as id`);
	if (!row) throw new Error('link_history: insert returned no row');
	return row.id;
}

/** The link ended: nothing is left to decide about it. */
export async function endOpenConflicts(tx: Transaction, entity: Entity, linkId: string): Promise<void> {
	await tx.execute(sql`
		update sync_conflict set state = 'gone', decided_at = now() where entity = ${entity.name} and link_id = ${linkId}::bigint and state = 'open'`);
}
