import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from './link-state.ts';
import { lockPages } from './lock-pages.ts';
import { reading, retrying } from './transaction.ts';

export type RecordKey = { id: string; variantId: string };

/**
 * Records that a complete listing since `startedAt` did not show: suspects only, a direct read must confirm. Excluded
 * records are left out: nothing may read them by id any more.
 */
export async function suspectMissing(
	db: Db,
	input: { channelId: string; entity: Entity; startedAt: string; limit: number }
): Promise<{ suspects: RecordKey[]; total: number; known: number }> {
	return reading(db, async (tx) => {
		const [count] = await tx.execute<{ total: number; known: number }>(sql`
			select count(*) filter (where seen_at < ${input.startedAt}::timestamptz)::int as total, count(*)::int as known from c_channel_record
			where c_channel_id = ${input.channelId}::bigint and entity = ${input.entity.name} and deleted_at is null`);
		const suspects = await tx.execute<RecordKey>(sql`
			select r.external_id as id, r.external_variant_id as "variantId" from c_channel_record r
			where r.c_channel_id = ${input.channelId}::bigint and r.entity = ${input.entity.name} and r.deleted_at is null and r.seen_at < ${input.startedAt}::timestamptz
				and not exists (select 1 from c_channel_exclusion x where x.c_channel_id = r.c_channel_id and x.entity = r.entity and x.kind = 'record'
					and x.external_id = r.external_id and x.external_variant_id = r.external_variant_id)
			order by external_id, external_variant_id limit ${input.limit}`);
		return { suspects: [...suspects], total: count?.total ?? 0, known: count?.known ?? 0 };
	});
}

/**
 * Marks confirmed absences (`gone`) and forgets suspicions that a read disproved. Links of gone records become dirty, what
 * was suggested for them is considered anew, and they wait for nothing any more.
 */
export async function confirmMissing(
	db: Db,
	input: { channelId: string; entity: Entity; gone: readonly RecordKey[]; present: readonly RecordKey[] }
): Promise<void> {
	const { entity, channelId } = input;
	const { map, external } = linkTable(entity);
	const keys = (list: readonly RecordKey[]) =>
		sql`jsonb_to_recordset(${JSON.stringify(list)}::text::jsonb) as k(id text, "variantId" text)`;
	await retrying(db, async (tx) => {
		await lockPages(tx, channelId, entity.name);
		await tx.execute(sql`
			with locked as (
				select m.id from ${map} m join ${keys(input.gone)} on k.id = m.${external} and k."variantId" = m.external_variant_id
				where m.c_channel_id = ${channelId}::bigint order by m.id for update of m
			)
			update ${map} m set dirty_seq = m.dirty_seq + 1, retry_at = null from locked where m.id = locked.id`);
		await tx.execute(sql`
			update c_channel_record r set deleted_at = now() from ${keys(input.gone)}
			where r.c_channel_id = ${channelId}::bigint and r.entity = ${entity.name} and r.external_id = k.id and r.external_variant_id = k."variantId" and r.deleted_at is null`);
		await tx.execute(sql`
			with dropped as (
				delete from c_channel_suggestion s using ${keys(input.gone)}
				where s.c_channel_id = ${channelId}::bigint and s.entity = ${entity.name} and s.external_id = k.id and s.external_variant_id = k."variantId"
				returning s.internal_id
			)
			insert into sync_candidate (c_channel_id, entity, side, record_id)
			select distinct ${channelId}::bigint, ${entity.name}, 'internal', internal_id::text from dropped
			on conflict do nothing`);
		await tx.execute(sql`
			delete from sync_awaiting a using ${keys(input.gone)}
			where a.c_channel_id = ${channelId}::bigint and a.entity = ${entity.name} and a.owner = 'external' and a.owner_id = k.id
				and a.external_variant_id = k."variantId"`);
		await tx.execute(sql`
			update c_channel_record r set seen_at = now() from ${keys(input.present)}
			where r.c_channel_id = ${channelId}::bigint and r.entity = ${entity.name} and r.external_id = k.id and r.external_variant_id = k."variantId"`);
	});
}
