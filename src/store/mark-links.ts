import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from './link-state.ts';

/** Links that wait for a direction or a person, and those that are being decided right now. */
const waiting = sql`(status in ('pending', 'awaiting', 'conflict') or dirty_seq > clean_seq)`;

/** Nobody decides about waiting links of one channel until the transaction ends: what is counted of them now stays so. */
export async function lockWaitingLinks(tx: Transaction, entity: Entity, channelId: string): Promise<void> {
	await tx.execute(sql`
		with locked as (
			select id from ${linkTable(entity).map} where c_channel_id = ${channelId}::bigint and ${waiting} order by id for update
		)
		select count(*) from locked`);
}

/**
 * Marks links of one channel to be decided anew. `waiting`: those that wait for a direction or a person, and those that are
 * being decided right now under the old settings. `all`: every one.
 */
export async function markLinks(
	tx: Transaction,
	entity: Entity,
	channelId: string,
	which: 'waiting' | 'all'
): Promise<number> {
	// A sweep marks links while it holds the settings: a link that it marks is among these, or is marked after them.
	await tx.execute(sql`
		select 1 from c_channel_entity where c_channel_id = ${channelId}::bigint and entity = ${entity.name} for update`);
	const { map } = linkTable(entity);
	const some = which === 'all' ? sql`true` : waiting;
	const rows = await tx.execute<{ links: number }>(sql`
		with locked as (select id from ${map} where c_channel_id = ${channelId}::bigint and ${some} order by id for update),
		marked as (update ${map} m set dirty_seq = m.dirty_seq + 1 from locked where m.id = locked.id returning 1)
		select count(*)::int as links from marked`);
	return rows[0]?.links ?? 0;
}
