import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import { linkTable } from '../link-state.ts';
import { lockCreates } from '../lock-creates.ts';
import { secondaryAllowed } from '../secondary-allowed.ts';
import { idList, type BatchResult, type BulkJob, type LeftLink } from './bulk-job.ts';
import { endAllMarks, leaveAllWaitingLists } from './ended-pairs.ts';

/** Links from which on a planner must know that they are there. */
const manyLinks = 1_000;

type Ended = LeftLink & { historyId: string };
type Judged = Omit<Ended, 'cause'> & { cause: string | null };

/**
 * Brings back the next links that a job ended: under their ids, with their bases, state, problems and open conflicts, to be
 * compared once more. What stands in the way of one is told link by link.
 */
export async function undoBatch(tx: Transaction, job: BulkJob, limit: number): Promise<BatchResult> {
	const { channelId, entity } = job;
	await lockCreates(tx, channelId, entity.name);
	const picked = await tx.execute<{ id: string }>(sql`
		select id::text as id from link_history
		where bulk_job_id = ${job.undoesId}::bigint and id > ${job.cursorId}::bigint and undone_at is null
		order by link_history.id limit ${limit} for update`);
	const lastId = picked.at(-1)?.id;
	if (lastId === undefined) return null;
	const judged = await judge(
		tx,
		job,
		picked.map(({ id }) => id)
	);
	const free = judged.filter(({ cause }) => cause === null).map(({ historyId }) => historyId);
	const historyIds = await reinsert(tx, job, free);
	await countAnew(tx, job, job.done + historyIds.length);
	if (historyIds.length > 0) {
		const pairs = { channelId, entity: entity.name, historyIds };
		await reopenConflicts(tx, job, historyIds);
		await leaveAllWaitingLists(tx, pairs);
		await endAllMarks(tx, pairs);
	}
	const back = new Set(historyIds);
	const left = judged.filter(({ historyId }) => !back.has(historyId));
	return { lastId, done: historyIds.length, left: await withCauses(tx, job, left) };
}

/** What keeps each of these links from coming back, another link aside; null = nothing. */
async function judge(tx: Transaction, job: BulkJob, historyIds: readonly string[]): Promise<Judged[]> {
	const { channelId, entity } = job;
	const secondary = await secondaryAllowed(tx, channelId, entity.name);
	const ids = idList(historyIds);
	await tx.execute(sql`
		select 1 from ${sql.identifier(entity.recordTable)} where id in (select internal_id from link_history where id = any(${ids}::bigint[]))
		order by id for key share`);
	const rows = await tx.execute<Judged>(sql`
		select h.id::text as "historyId", h.link_id::text as "linkId", h.internal_id::text as "internalId", h.external_id as "externalId",
			h.external_variant_id as "variantId", case
				when r.id is null then 'record-gone'
				when not (h."row" ->> 'is_primary')::boolean and not ${secondary} then 'secondary'
				when i.there then 'being-created'
			end as cause
		from link_history h left join ${sql.identifier(entity.recordTable)} r on r.id = h.internal_id
			left join lateral (select true as there from sync_intent i where i.c_channel_id = h.c_channel_id and i.entity = h.entity
				and i.internal_id = h.internal_id and i.state = 'open' limit 1) i on true
		where h.id = any(${ids}::bigint[]) order by h.id`);
	return [...rows];
}

/** Says what is in the way of those that found another link in their place: only they look for it. */
async function withCauses(tx: Transaction, job: BulkJob, left: readonly Judged[]): Promise<LeftLink[]> {
	const { map, internal, external } = linkTable(job.entity);
	const held = left.filter(({ cause }) => cause === null).map(({ historyId }) => historyId);
	const rows = await tx.execute<{ historyId: string; cause: string }>(sql`
		select h.id::text as "historyId", case
				when exists (select 1 from ${map} m where m.c_channel_id = h.c_channel_id and m.${external} = h.external_id
					and m.external_variant_id = h.external_variant_id) then 'external-linked'
				when (h."row" ->> 'is_primary')::boolean and exists (select 1 from ${map} m where m.c_channel_id = h.c_channel_id
					and m.${internal} = h.internal_id and m.is_primary) then 'internal-linked'
				else 'linked'
			end as cause
		from link_history h where h.id = any(${idList(held)}::bigint[])`);
	const causes = new Map(rows.map(({ historyId, cause }) => [historyId, cause]));
	return left.map((each) => ({ ...each, cause: each.cause ?? causes.get(each.historyId) ?? 'linked' }));
}

/** The archived rows as they were, but for what only a worker may say. Returns those of the archive whose links are there again. */
async function reinsert(tx: Transaction, job: BulkJob, historyIds: readonly string[]): Promise<string[]> {
	const { entity } = job;
	const { map, internal, external } = linkTable(entity);
	const rows = await tx.execute<{ id: string }>(sql`
		with h as materialized (select * from link_history where id = any(${idList(historyIds)}::bigint[])), back as (
			insert into ${map} as m
			select p.* from h cross join lateral jsonb_populate_record(null::${map}, h."row" || jsonb_build_object('claimed_by', null, 'claimed_until', null,
				'updated_at', now(), 'state_rev', (h."row" ->> 'state_rev')::bigint + 1, 'dirty_seq', (h."row" ->> 'dirty_seq')::bigint + 1)) p
			order by h.link_id
			on conflict do nothing
			returning m.id, m.c_channel_id, m.${internal} as internal_id, m.${external} as external_id, m.external_variant_id, cm_state_began(to_jsonb(m)) as link_state
		), written as (
			insert into sync_decision (c_channel_id, entity, link_id, internal_id, external_id, external_variant_id, actor, action, inputs, link_state)
			select b.c_channel_id, ${entity.name}, b.id, b.internal_id, b.external_id, b.external_variant_id, ${job.person.actor.name}, 'undo-unlink',
				jsonb_build_object('historyId', h.id::text, 'bulkJobId', ${job.id}::text), b.link_state
			from back b join h on h.link_id = b.id order by h.id
		)
		select h.id::text as id from back b join h on h.link_id = b.id order by h.id`);
	return rows.map(({ id }) => id);
}

/**
 * Has the link table counted where more of it came back than the planner knows of: in a table that was empty one index is as good as
 * another, and each look-up of a link then reads all links of the channel.
 */
async function countAnew(tx: Transaction, job: BulkJob, links: number): Promise<void> {
	if (links < manyLinks) return;
	const { table } = job.entity.mapNames;
	const [known] = await tx.execute(
		sql`select 1 from pg_class where oid = ${table}::text::regclass and reltuples >= ${links}::real`
	);
	if (!known) await tx.execute(sql`analyze ${sql.identifier(table)}`);
}

/** Conflicts that the end of a link ended wait for a person again. */
async function reopenConflicts(tx: Transaction, job: BulkJob, historyIds: readonly string[]): Promise<void> {
	await tx.execute(sql`
		update sync_conflict c set state = 'open', decided_at = null
		from (select link_id, ended_at from link_history where id = any(${idList(historyIds)}::bigint[])) h
		where c.entity = ${job.entity.name} and c.link_id = h.link_id and c.state = 'gone' and c.decided_at = h.ended_at`);
}
