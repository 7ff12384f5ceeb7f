import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from '#src/store/link-state.ts';

/** Links whose direction is not live, by what would be done; counted up to 10,000 links. */
export type WaitingCounts = { push: number; pull: number; merge: number };

const countedAtMost = 10_000;

/** What waits for its direction to go live at one channel. */
export async function waitingCounts(db: Db, entity: Entity, channelId: string): Promise<WaitingCounts> {
	const rows = await db.execute<{ waiting: string; links: number }>(sql`
		select w.waiting, count(*)::int as links from (
			select m.waiting from ${linkTable(entity).map} m where m.c_channel_id = ${channelId}::bigint and m.status in ('pending', 'awaiting') limit ${countedAtMost}
		) w where w.waiting is not null group by w.waiting`);
	const count = (kind: string) => rows.find((row) => row.waiting === kind)?.links ?? 0;
	return { push: count('push'), pull: count('pull'), merge: count('merge') };
}
