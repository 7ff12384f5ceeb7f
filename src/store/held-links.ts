import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from './link-state.ts';

const countMost = 1_000_000;

/**
 * How many links wait for the approval of an open hold of `kind`, up to a million: a hold counts what met the ceiling, and what a run
 * decided after that waits as well. Only updates wait so; of the other kinds each is counted as it comes.
 */
export async function heldLinks(
	db: Db | Transaction,
	entity: Entity,
	{ channelId, kind, waiting }: { channelId: string; kind: string; waiting: number }
): Promise<number> {
	if (kind !== 'updates') return waiting;
	const { map } = linkTable(entity);
	const [row] = await db.execute<{ links: number }>(sql`
		select count(*)::int as links from (
			select 1 from ${map} where c_channel_id = ${channelId}::bigint and status = 'pending' and waiting is not null limit ${countMost}
		) t`);
	return Math.max(waiting, row?.links ?? 0);
}
