import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from '#src/store/link-state.ts';

/** Links and hints looked at: what waits longest is among the first. */
const lookedAtMost = 500;

/**
 * Age in seconds of the oldest change of a linked record that is not carried over yet, or of the link itself; null = nothing waits. What waits for
 * a person or for a direction to go live does not count: no run will deliver it.
 */
export async function oldestUndelivered(db: Db, entity: Entity, channelId: string): Promise<number | null> {
	const { map, internal, external } = linkTable(entity);
	const record = sql.identifier(entity.recordTable);
	const [row] = await db.execute<{ seconds: number | null }>(sql`
		with dirty as (
			select m.id, m.${internal} as record_id, m.${external} as external_id, m.external_variant_id, m.created_at, m.internal_version, m.external_version
			from ${map} m where m.c_channel_id = ${channelId}::bigint and m.dirty_seq > m.clean_seq order by m.id limit ${lookedAtMost}
		), hints as (
			select distinct o.record_id from (select record_id from sync_outbox where entity = ${entity.name} order by id limit ${lookedAtMost}) o
			where exists (select 1 from ${map} m where m.c_channel_id = ${channelId}::bigint and m.${internal} = o.record_id)
		)
		select extract(epoch from now() - min(w.at))::float8 as seconds from (
			select greatest(r.updated_at, d.created_at) as at from dirty d join ${record} r on r.id = d.record_id where r.rev::text is distinct from d.internal_version
			union all
			select r.updated_at from hints h join ${record} r on r.id = h.record_id
			union all
			select greatest(x.seen_at, d.created_at) from dirty d join c_channel_record x on x.c_channel_id = ${channelId}::bigint and x.entity = ${entity.name}
				and x.external_id = d.external_id and x.external_variant_id = d.external_variant_id
			where x.version is distinct from d.external_version
		) w`);
	const seconds = row?.seconds ?? null;
	return seconds === null ? null : Math.max(0, Math.round(seconds));
}
