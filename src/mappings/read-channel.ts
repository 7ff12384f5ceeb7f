import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';
import { channelColumns, type ChannelRow } from './channel-row.ts';

export type ChannelDetail = ChannelRow & {
	settings: Record<string, unknown>;
	/** Names of the credentials that are set; their values never leave the engine. */
	credentialNames: string[];
	credentialsChanged: Record<string, { at: string; by: string }>;
	createdAt: string;
};

/** One channel with its settings; null when it does not exist. */
export async function readChannel(db: Db, input: { channelId: string }): Promise<ChannelDetail | null> {
	const [row] = await executePlanned<ChannelDetail>(
		db,
		sql`select ${channelColumns()}, c.settings, c.credentials_changed as "credentialsChanged", cm_iso(c.created_at) as "createdAt",
			array(select jsonb_object_keys(c.credentials)) as "credentialNames"
		from c_channel c where c.id = ${input.channelId}::bigint and c.deleted_at is null`
	);
	return row ?? null;
}
