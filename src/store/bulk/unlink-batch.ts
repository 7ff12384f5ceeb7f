import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import { linkTable } from '../link-state.ts';
import { lockCreates } from '../lock-creates.ts';
import { idList, type BatchResult, type BulkJob } from './bulk-job.ts';
import { excludeAll, leaveAllWaitingLists } from './ended-pairs.ts';
import { nextLinks } from './matching-links.ts';

/** Ends the job's next links, each exactly as `unlinkRecords` would. */
export async function unlinkBatch(tx: Transaction, job: BulkJob, limit: number): Promise<BatchResult> {
	const { channelId, entity } = job;
	await lockCreates(tx, channelId, entity.name);
	const linkIds = await nextLinks(tx, job, limit);
	const lastId = linkIds.at(-1);
	if (lastId === undefined) return null;
	const pairs = { channelId, entity: entity.name, historyIds: await archive(tx, job, linkIds) };
	// Before the links go: their records are set aside by then, and are not put among the free ones to be taken out again.
	await excludeAll(tx, pairs, job.person.actor.name);
	await tx.execute(sql`delete from ${linkTable(entity).map} where id = any(${idList(linkIds)}::bigint[])`);
	await tx.execute(sql`
		update sync_conflict set state = 'gone', decided_at = now()
		where entity = ${entity.name} and link_id = any(${idList(linkIds)}::bigint[]) and state = 'open'`);
	await leaveAllWaitingLists(tx, pairs);
	return { lastId, done: linkIds.length, left: [] };
}

/** Copies whole rows to the archive and writes the journal from there; returns the archive's ids. */
async function archive(tx: Transaction, job: BulkJob, linkIds: readonly string[]): Promise<string[]> {
	const { map, internal, external } = linkTable(job.entity);
	const { name } = job.person.actor;
	const rows = await tx.execute<{ id: string }>(sql`
		with h as (
			insert into link_history (entity, link_id, c_channel_id, internal_id, external_id, external_variant_id, "row", ended_by, reason, bulk_job_id)
			select ${job.entity.name}, m.id, m.c_channel_id, m.${internal}, m.${external}, m.external_variant_id, to_jsonb(m), ${name}, ${job.reason}, ${job.id}::bigint
			from ${map} m where m.id = any(${idList(linkIds)}::bigint[]) order by m.id
			returning id, entity, link_id, c_channel_id, internal_id, external_id, external_variant_id, "row"
		), written as (
			insert into sync_decision (c_channel_id, entity, link_id, internal_id, external_id, external_variant_id, actor, action, inputs, link_state)
			select h.c_channel_id, h.entity, h.link_id, h.internal_id, h.external_id, h.external_variant_id, ${name}, 'unlink', jsonb_build_object(
				'historyId', h.id::text, 'reason', ${job.reason}::text, 'baseInternal', h."row" -> 'base_internal', 'baseExternal', h."row" -> 'base_external',
				'bulkJobId', ${job.id}::text), '{"ended":true}' from h order by h.id
		)
		select id::text as id from h`);
	return rows.map(({ id }) => id);
}
