import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { LinkStateDelta } from '#src/db/schema/decisions.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { heldBy } from './find-holder.ts';
import { writeAudit, writeJournal } from './journal.ts';
import { leaveWaitingLists } from './leave-waiting-lists.ts';
import { linkTable } from './link-state.ts';
import { lockCreates } from './lock-creates.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { intentOpen, linkThereAgain, ourRecordGone, secondaryNotAllowed, unlinkNotUndoable } from './refusals.ts';
import { secondaryAllowed } from './secondary-allowed.ts';
import { retrying } from './transaction.ts';

export type UndoUnlinkInput = Person & { historyId: string };
export type UndoUnlinkResult = { ok: true; entity: string; linkId: string; internalId: string } | Refusal;

type Ended = {
	entity: string;
	linkId: string;
	channelId: string;
	internalId: string;
	externalId: string;
	variantId: string;
	isPrimary: boolean;
	undoable: boolean;
	channelName: string;
};

/** Brings an ended link back under its id with its bases, and takes away the marks that its end had made. */
export async function undoUnlink(db: Db, input: UndoUnlinkInput): Promise<UndoUnlinkResult> {
	return retrying(db, async (tx) => {
		const ended = await lockEnded(tx, input.historyId);
		const entity = entityNamed(ended?.entity ?? '');
		if (!ended || !entity || !ended.undoable) return unlinkNotUndoable();
		if (!ended.isPrimary && !(await secondaryAllowed(tx, ended.channelId, entity.name))) {
			return secondaryNotAllowed(ended.channelName);
		}
		const [record] = await tx.execute(sql`
			select id from ${sql.identifier(entity.recordTable)} where id = ${ended.internalId}::bigint for key share`);
		if (!record) return ourRecordGone('There is nothing left to link.');
		const [intent] = await tx.execute(sql`
			select 1 from sync_intent where c_channel_id = ${ended.channelId}::bigint and entity = ${entity.name} and internal_id = ${ended.internalId}::bigint and state = 'open'`);
		if (intent) return intentOpen('at the channel');
		const linkState = await reinsert(tx, entity, input.historyId);
		if (linkState === null) return (await heldBy(tx, entity, ended)) ?? linkThereAgain();
		await endMarks(tx, ended, input.historyId);
		await leaveWaitingLists(tx, ended);
		const { channelId, internalId, externalId, variantId, linkId } = ended;
		const inputs = { historyId: input.historyId };
		await writeJournal(tx, input, {
			channelId,
			entity: entity.name,
			linkId,
			internalId,
			externalId,
			variantId,
			action: 'undo-unlink',
			inputs,
			linkState
		});
		const detail = { internalId, externalId, variantId, ...inputs };
		await writeAudit(tx, input, { action: 'undo-unlink', object: `${entity.name}-link/${linkId}`, channelId, detail });
		return { ok: true, entity: entity.name, linkId, internalId };
	});
}

/** The ended link, as it stands once nobody else links in its channel and entity, or deletes the channel. */
async function lockEnded(tx: Transaction, historyId: string): Promise<Ended | undefined> {
	const [at] = await tx.execute<{ entity: string; channelId: string }>(sql`
		select entity, c_channel_id::text as "channelId" from link_history where id = ${historyId}::bigint`);
	if (!at) return undefined;
	await lockCreates(tx, at.channelId, at.entity);
	const [ended] = await tx.execute<Ended>(sql`
		select h.entity, h.link_id::text as "linkId", h.c_channel_id::text as "channelId", h.internal_id::text as "internalId",
			h.external_id as "externalId", h.external_variant_id as "variantId", (h."row" ->> 'is_primary')::boolean as "isPrimary",
			h.undone_at is null and h.reason not in ('repointed', 'restored') and c.deleted_at is null as undoable, c.name as "channelName"
		from link_history h join c_channel c on c.id = h.c_channel_id
		where h.id = ${historyId}::bigint for update of h`);
	return ended;
}

/** The archived row as it was, but for what only a worker may say. Null when one of the two is linked meanwhile. */
async function reinsert(tx: Transaction, entity: Entity, historyId: string): Promise<LinkStateDelta | null> {
	const { map } = linkTable(entity);
	const [row] = await tx.execute<{ linkState: LinkStateDelta }>(sql`
		insert into ${map} as m
		select (jsonb_populate_record(null::${map}, h."row" || jsonb_build_object(
			'status', 'pending', 'waiting', null, 'problem', null, 'tries', 0, 'retry_at', null, 'claimed_by', null, 'claimed_until', null,
			'updated_at', now(), 'state_rev', (h."row" ->> 'state_rev')::bigint + 1, 'dirty_seq', (h."row" ->> 'dirty_seq')::bigint + 1
		))).*
		from link_history h where h.id = ${historyId}::bigint
		on conflict do nothing returning cm_state_began(to_jsonb(m)) as "linkState"`);
	return row?.linkState ?? null;
}

/** Ends the exclusions that came with the unlink: those of its own moment, and any word against the pair. */
async function endMarks(tx: Transaction, ended: Ended, historyId: string): Promise<void> {
	await tx.execute(sql`
		delete from c_channel_exclusion where id in (
			select x.id from link_history h cross join lateral (
				select i.id from c_channel_exclusion i where i.c_channel_id = h.c_channel_id and i.entity = h.entity and i.internal_id = h.internal_id and (
					(i.kind = 'pair' and i.external_id = h.external_id and i.external_variant_id = h.external_variant_id)
					or (i.kind = 'record' and i.created_at = h.ended_at))
				union all
				select e.id from c_channel_exclusion e where e.c_channel_id = h.c_channel_id and e.entity = h.entity and e.kind = 'record'
					and e.created_at = h.ended_at and e.external_id = h.external_id and e.external_variant_id = h.external_variant_id
			) x where h.id = ${historyId}::bigint
		)`);
	await tx.execute(sql`update link_history set undone_at = now() where id = ${historyId}::bigint`);
	await tx.execute(sql`
		delete from sync_intent where c_channel_id = ${ended.channelId}::bigint and entity = ${ended.entity} and internal_id = ${ended.internalId}::bigint and state = 'problem'`);
}
