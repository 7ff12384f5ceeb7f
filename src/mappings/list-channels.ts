import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';
import { channelColumns, type ChannelRow } from './channel-row.ts';

/** Every channel by name, with health, schedule and link counts per entity. */
export function listChannels(db: Db): Promise<ChannelRow[]> {
	return executePlanned<ChannelRow>(
		db,
		sql`select ${channelColumns()} from c_channel c where c.deleted_at is null order by lower(c.name), c.id limit 500`
	);
}

/** Ids and names of every channel, for menus and filters. */
export function listChannelNames(db: Db): Promise<{ id: string; name: string }[]> {
	return executePlanned<{ id: string; name: string }>(
		db,
		sql`select id::text as id, name from c_channel where deleted_at is null order by lower(name), id limit 500`
	);
}
