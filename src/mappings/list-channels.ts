import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { channelColumns, type ChannelRow } from './channel-row.ts';

/** Every channel by name, with health, schedule and link counts per entity. */
export async function listChannels(db: Db): Promise<ChannelRow[]> {
	const rows = await db.execute<ChannelRow & Record<string, unknown>>(
		sql`select ${channelColumns()} from c_channel c where c.deleted_at is null order by lower(c.name), c.id limit 500`
	);
	return [...rows];
}

/** Ids and names of every channel, for menus and filters. */
export async function listChannelNames(db: Db): Promise<{ id: string; name: string }[]> {
	const rows = await db.execute<{ id: string; name: string }>(
		sql`select id::text as id, name from c_channel where deleted_at is null order by lower(name), id limit 500`
	);
	return [...rows];
}
