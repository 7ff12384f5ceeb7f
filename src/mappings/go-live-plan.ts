import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';

export type GoLiveSample = {
	linkId: string;
	internalId: string;
	value: string | null;
	name: string | null;
	externalId: string;
	waiting: string;
};

/** What arming one direction would set in motion. */
export type GoLivePlan = {
	links: number;
	/** Links whose changes wait for this direction. */
	waiting: number;
	/** Links whose changes wait for both directions. */
	waitingBoth: number;
	conflicts: number;
	/** Links not compared yet: nobody can say what they will need. */
	notCompared: number;
	/** Records of the sending side in scope and without a link that automatic creation would create. */
	willCreate: number;
	samples: GoLiveSample[];
};

const sampleCount = 10;
const countMost = 100_000;

/** Counts, up to 100,000 each, what waits for `direction` at this channel; null for an unknown channel or entity. */
export async function goLivePlan(
	db: Db,
	entity: Entity,
	input: { channelId: string; direction: 'push' | 'pull' }
): Promise<GoLivePlan | null> {
	const map = sql.identifier(entity.mapNames.table);
	const record = sql.identifier(entity.recordTable);
	const internal = sql.identifier(entity.mapNames.internalColumn);
	const external = sql.identifier(entity.mapNames.externalColumn);
	const { channelId, direction } = input;
	const ofChannel = sql`m.c_channel_id = ${channelId}::bigint`;
	const counted = (condition: ReturnType<typeof sql>) =>
		sql`(select count(*)::int from (select 1 from ${map} m where ${ofChannel} and ${condition} limit ${countMost}) t)`;
	const free = sql.raw(direction === 'push' ? 'sync_unlinked_internal' : 'sync_unlinked_external');
	const unlinked = sql`select 1 from ${free} u where u.c_channel_id = ${channelId}::bigint and u.entity = ${entity.name}`;
	const creates = sql.identifier(direction === 'push' ? 'auto_create_external' : 'auto_create_internal');
	const [counts] = await db.execute<Omit<GoLivePlan, 'samples'>>(sql`
		select
			coalesce((select sum(n.links) from sync_link_count n where n.c_channel_id = e.c_channel_id and n.entity = e.entity), 0)::int as links,
			${counted(sql`m.status in ('pending', 'awaiting') and m.waiting = ${direction}`)} as waiting,
			${counted(sql`m.status in ('pending', 'awaiting') and m.waiting = 'merge'`)} as "waitingBoth",
			${counted(sql`m.status = 'conflict'`)} as conflicts,
			${counted(sql`m.status = 'pending' and m.waiting is null`)} as "notCompared",
			case when e.${creates} then (select count(*)::int from (${unlinked} limit ${countMost}) t) else 0 end as "willCreate"
		from c_channel_entity e where e.c_channel_id = ${channelId}::bigint and e.entity = ${entity.name}`);
	if (!counts) return null;
	const samples = await db.execute<GoLiveSample>(sql`
		select m.id::text as "linkId", m.${internal}::text as "internalId", r.value, r.name, m.${external} as "externalId", m.waiting
		from ${map} m left join ${record} r on r.id = m.${internal}
		where ${ofChannel} and m.status in ('pending', 'awaiting') and m.waiting in (${direction}, 'merge')
		order by m.id limit ${sampleCount}`);
	return { ...counts, samples: [...samples] };
}
