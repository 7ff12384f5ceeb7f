import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import { idList } from './bulk-job.ts';

/** Archived links whose pairs a statement is about, all of one channel and entity. */
export type EndedPairs = { channelId: string; entity: string; historyIds: readonly string[] };

/** Rows of the archive, under the alias `h` wherever it is used in a `from`. */
function archived({ historyIds }: EndedPairs): SQL {
	return sql`(select * from link_history where id = any(${idList(historyIds)}::bigint[])) h`;
}

/** `leaveWaitingLists` for many pairs: what was suggested for their records is considered anew, on the other side. */
export async function leaveAllWaitingLists(tx: Transaction, pairs: EndedPairs): Promise<void> {
	const of = (alias: string) =>
		sql`${sql.raw(alias)}.c_channel_id = ${pairs.channelId}::bigint and ${sql.raw(alias)}.entity = ${pairs.entity}`;
	await tx.execute(sql`
		with h as materialized (select internal_id, external_id, external_variant_id from ${archived(pairs)}), stale as materialized (
			select s.id from h join c_channel_suggestion s on ${of('s')} and s.internal_id = h.internal_id
			union
			select s.id from h join c_channel_suggestion s on ${of('s')} and s.external_id = h.external_id and s.external_variant_id = h.external_variant_id
		), dropped as (
			delete from c_channel_suggestion where id in (select id from stale) returning internal_id, external_id, external_variant_id
		)
		insert into sync_candidate (c_channel_id, entity, side, record_id, external_variant_id)
		select ${pairs.channelId}::bigint, ${pairs.entity}, 'external', external_id, external_variant_id from dropped
		where (external_id, external_variant_id) not in (select external_id, external_variant_id from h)
		union
		select ${pairs.channelId}::bigint, ${pairs.entity}, 'internal', internal_id::text, '' from dropped
		where internal_id not in (select internal_id from h)
		on conflict do nothing`);
	await tx.execute(sql`
		delete from sync_candidate c using ${archived(pairs)}
		where ${of('c')} and c.side = 'internal' and c.record_id = h.internal_id::text`);
	await tx.execute(sql`
		delete from sync_candidate c using ${archived(pairs)}
		where ${of('c')} and c.side = 'external' and c.record_id = h.external_id and c.external_variant_id = h.external_variant_id`);
}

/** Keeps automation away from many pairs and all their records for ever. What is excluded already stays as it is. */
export async function excludeAll(tx: Transaction, pairs: EndedPairs, createdBy: string): Promise<void> {
	const insert = (rows: SQL) =>
		tx.execute(sql`
			insert into c_channel_exclusion (c_channel_id, entity, kind, internal_id, external_id, external_variant_id, reason, created_by)
			select ${pairs.channelId}::bigint, ${pairs.entity}, n.kind, n.internal_id, n.external_id, n.variant, 'unlinked', ${createdBy}
			from (${rows}) n`);
	// Look-ups by index, one for each row: a channel may have millions of exclusions.
	const unless = (condition: SQL) => sql`left join lateral (
			select true as there from c_channel_exclusion x where x.c_channel_id = ${pairs.channelId}::bigint and x.entity = ${pairs.entity} and ${condition} limit 1
		) x on true where x.there is null`;
	await insert(sql`
		select 'pair' as kind, h.internal_id, h.external_id, h.external_variant_id as variant from ${archived(pairs)}
		${unless(sql`x.kind = 'pair' and x.internal_id = h.internal_id and x.external_id = h.external_id and x.external_variant_id = h.external_variant_id`)}
		order by h.id`);
	await insert(sql`
		select distinct 'record' as kind, h.internal_id, null as external_id, '' as variant from ${archived(pairs)}
		${unless(sql`x.kind = 'record' and x.internal_id = h.internal_id`)}`);
	await insert(sql`
		select 'record' as kind, null::bigint as internal_id, h.external_id, h.external_variant_id as variant from ${archived(pairs)}
		${unless(sql`x.kind = 'record' and x.external_id = h.external_id and x.external_variant_id = h.external_variant_id`)}
		order by h.id`);
}

/** Ends the exclusions that came with the ends of these links: those of the same moment, and any word against the pairs. */
export async function endAllMarks(tx: Transaction, pairs: EndedPairs): Promise<void> {
	const remove = (condition: SQL) =>
		tx.execute(sql`
			with gone as materialized (
				select x.id from ${archived(pairs)} cross join lateral (
					select x.id from c_channel_exclusion x
					where x.c_channel_id = ${pairs.channelId}::bigint and x.entity = ${pairs.entity} and ${condition} offset 0
				) x
			)
			delete from c_channel_exclusion where id in (select id from gone)`);
	await remove(sql`x.internal_id = h.internal_id and (
		(x.kind = 'pair' and x.external_id = h.external_id and x.external_variant_id = h.external_variant_id)
		or (x.kind = 'record' and x.reason = 'unlinked' and x.created_at = h.ended_at))`);
	await remove(sql`x.kind = 'record' and x.reason = 'unlinked' and x.created_at = h.ended_at and x.external_id = h.external_id
		and x.external_variant_id = h.external_variant_id`);
	await tx.execute(
		sql`update link_history set undone_at = now() where id = any(${idList(pairs.historyIds)}::bigint[])`
	);
	await tx.execute(sql`
		delete from sync_intent i using ${archived(pairs)}
		where i.c_channel_id = ${pairs.channelId}::bigint and i.entity = ${pairs.entity} and i.internal_id = h.internal_id and i.state = 'problem'`);
}
