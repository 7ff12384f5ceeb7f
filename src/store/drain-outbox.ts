import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from './link-state.ts';
import { retrying } from './transaction.ts';

/**
 * Takes hints about changed records of ours and marks what follows from them: links of every channel become dirty,
 * records without a link become candidates, and so does what was suggested for a deleted one, which waits for nothing any
 * more. A revision that our own pull produced marks nothing at its own link: of several hints the last one counts, since a
 * version need not grow. Links of a record that is there again carry on, whatever its revision. Returns how many hints were
 * taken: fewer than `limit` = none is left.
 */
export async function drainOutbox(db: Db, input: { entity: Entity; limit: number }): Promise<number> {
	const { entity } = input;
	const { map, internal } = linkTable(entity);
	return retrying(db, async (tx) => {
		const hints = await tx.execute<{ id: string; rev: string; gone: boolean; count: number }>(sql`
			with chosen as materialized (
				select id from sync_outbox where entity = ${entity.name} order by id limit ${input.limit} for update skip locked
			), taken as (
				delete from sync_outbox o using chosen where o.id = chosen.id returning o.id, o.record_id, o.rev, o.operation
			)
			select record_id::text as id, (array_agg(rev order by id desc))[1]::text as rev, bool_or(operation = 'delete') as gone, count(*)::int as count from taken group by record_id order by record_id`);
		if (hints.length === 0) return 0;
		const changed = JSON.stringify(hints.map(({ id, rev, gone }) => ({ id, rev, gone })));
		await tx.execute(sql`
			with h as (select * from jsonb_to_recordset(${changed}::text::jsonb) as h(id bigint, rev text, gone boolean)),
			locked as (
				select m.id from ${map} m join h on h.id = m.${internal}
				where h.gone or m.internal_version is distinct from h.rev or m.problem ->> 'kind' = 'missing-internal'
				order by m.id for update of m
			)
			update ${map} m set dirty_seq = m.dirty_seq + 1, retry_at = null from locked where m.id = locked.id`);
		await tx.execute(sql`
			insert into sync_candidate (c_channel_id, entity, side, record_id)
			select e.c_channel_id, e.entity, 'internal', h.id::text
			from jsonb_to_recordset(${changed}::text::jsonb) as h(id bigint, gone boolean)
			join c_channel_entity e on e.entity = ${entity.name}
			where not h.gone
				and not exists (select 1 from ${map} m where m.c_channel_id = e.c_channel_id and m.${internal} = h.id)
				and not exists (select 1 from c_channel_exclusion x where x.c_channel_id = e.c_channel_id and x.entity = e.entity
					and x.kind = 'record' and x.internal_id = h.id)
			on conflict do nothing`);
		await tx.execute(sql`
			with h as (select * from jsonb_to_recordset(${changed}::text::jsonb) as h(id bigint, gone boolean) where h.gone),
			forgotten as (
				delete from sync_awaiting a using h, c_channel_entity e
				where e.entity = ${entity.name} and a.c_channel_id = e.c_channel_id and a.entity = e.entity and a.owner = 'internal' and a.owner_id = h.id::text
			), dropped as (
				delete from c_channel_suggestion s using h where s.entity = ${entity.name} and s.internal_id = h.id
				returning s.c_channel_id, s.external_id, s.external_variant_id
			)
			insert into sync_candidate (c_channel_id, entity, side, record_id, external_variant_id)
			select distinct c_channel_id, ${entity.name}, 'external', external_id, external_variant_id from dropped
			on conflict do nothing`);
		return hints.reduce((sum, { count }) => sum + count, 0);
	});
}
