import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
import { isId } from './identifier.ts';

/** How many records wait on each side of one channel. `suggestions` stops at 10,000. */
export type UnlinkedCounts = {
	internal: number;
	internalExcluded: number;
	external: number;
	externalExcluded: number;
	suggestions: number;
};

/** Counts of rows that need a look stop here: show such a number as "10,000 or more". */
export const countAtMost = 10_000;

const none: UnlinkedCounts = { internal: 0, internalExcluded: 0, external: 0, externalExcluded: 0, suggestions: 0 };

/**
 * Records without a link at one channel, by side, and suggestions that wait. Worked out from the number of records and the
 * kept number of links instead of comparing the two: a change that is just being made may show a moment later.
 */
export async function unlinkedCounts(db: Db, input: { channelId: string; entity: string }): Promise<UnlinkedCounts> {
	const entity = entityNamed(input.entity);
	if (!entity || !isId(input.channelId)) return none;
	const [row] = await db.execute<
		Record<'records' | 'seen' | 'links' | 'secondary' | 'oursGone' | 'theirsGone', number> & UnlinkedCounts
	>(sql`select ${countColumns(entity, input.channelId)}`);
	if (!row) return none;
	const { internalExcluded, externalExcluded, suggestions } = row;
	return {
		internal: Math.max(0, row.records - (row.links - row.secondary - row.oursGone) - internalExcluded),
		internalExcluded,
		external: Math.max(0, row.seen - (row.links - row.theirsGone) - externalExcluded),
		externalExcluded,
		suggestions
	};
}

function countColumns(entity: Entity, channelId: string): SQL {
	const { map, internal, external } = linkTable(entity);
	const records = sql.identifier(entity.recordTable);
	const here = (alias: string) =>
		sql`${sql.raw(alias)}.c_channel_id = ${channelId}::bigint and ${sql.raw(alias)}.entity = ${entity.name}`;
	const links = sql`${map} m where m.c_channel_id = ${channelId}::bigint`;
	const live = sql`c_channel_record r where ${here('r')} and r.deleted_at is null`;
	const count = (from: SQL) => sql`(select count(*) from ${from})::int`;
	return sql`${count(sql`${records}`)} as records, ${count(live)} as seen,
		(select coalesce(sum(n.links), 0) from sync_link_count n where ${here('n')})::int as links,
		case when (select e.allow_secondary from c_channel_entity e where ${here('e')}) then ${count(sql`${links} and not m.is_primary and exists (
			select 1 from ${map} p where p.c_channel_id = m.c_channel_id and p.${internal} = m.${internal} and p.is_primary)`)} else 0 end as secondary,
		${count(sql`${links} and m.status = 'orphan' and m.is_primary and not exists (select 1 from ${records} r where r.id = m.${internal})`)} as "oursGone",
		${count(sql`${links} and m.status = 'orphan' and not exists (
			select 1 from ${live} and r.external_id = m.${external} and r.external_variant_id = m.external_variant_id)`)} as "theirsGone",
		${count(sql`(select distinct x.internal_id from c_channel_exclusion x join ${records} r on r.id = x.internal_id
			where ${here('x')} and x.kind = 'record' and not exists (select 1 from ${links} and m.${internal} = x.internal_id)) n`)} as "internalExcluded",
		${count(sql`(select distinct r.external_id, r.external_variant_id from c_channel_exclusion x join c_channel_record r
			on ${here('r')} and r.deleted_at is null and r.external_id = x.external_id and r.external_variant_id = x.external_variant_id
			where ${here('x')} and x.kind = 'record'
				and not exists (select 1 from ${links} and m.${external} = x.external_id and m.external_variant_id = x.external_variant_id)) n`)} as "externalExcluded",
		${count(sql`(select 1 from c_channel_suggestion s where ${here('s')} limit ${countAtMost}) n`)} as suggestions`;
}
