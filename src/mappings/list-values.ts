import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { isId } from './identifier.ts';

export type ValueRow = { id: string; table: string; ours: string; theirs: string; createdBy: string };

/** A value that no pair of its table has, and how many links and records wait for it. */
export type MissingValue = {
	channelId: string;
	channelName: string;
	table: string;
	side: 'internal' | 'external';
	value: string;
	/** Counted to 10,000. */
	waiting: number;
};

const rowsAtMost = 5000;
const missingAtMost = 200;
const countAtMost = 10_000;

/** Every pair of a channel's value tables. */
export async function listValues(db: Db, { channelId }: { channelId: string }): Promise<ValueRow[]> {
	if (!isId(channelId)) return [];
	const rows = await db.execute<ValueRow>(sql`
		select id::text as id, value_table as table, ours, theirs, created_by as "createdBy" from c_channel_value
		where c_channel_id = ${channelId}::bigint order by value_table, ours, c_channel_value.id limit ${rowsAtMost}`);
	return [...rows];
}

/** Values that are not mapped, of one channel or of all, those that hold up most first. */
export async function missingValues(db: Db, { channelId }: { channelId?: string | null }): Promise<MissingValue[]> {
	if (channelId && !isId(channelId)) return [];
	const rows = await db.execute<MissingValue>(sql`
		select w.c_channel_id::text as "channelId", c.name as "channelName", substr(w.to_entity, length('value:') + 1) as table,
			w.side, w.ref_id as value, count(*)::int as waiting
		from c_channel c cross join lateral (
			select a.c_channel_id, a.to_entity, a.side, a.ref_id from sync_awaiting a
			where a.c_channel_id = c.id and starts_with(a.to_entity, 'value:') limit ${countAtMost}
		) w
		where c.deleted_at is null and ${channelId ? sql`c.id = ${channelId}::bigint` : sql`true`}
		group by 1, 2, 3, 4, 5 order by waiting desc, "channelName", 3, 5 limit ${missingAtMost}`);
	return [...rows];
}
