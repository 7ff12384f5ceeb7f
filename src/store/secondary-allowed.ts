import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';

/** Whether a channel allows further links of one record; it stays so until the transaction ends. */
export async function secondaryAllowed(tx: Transaction, channelId: string, entity: string): Promise<boolean> {
	const [row] = await tx.execute<{ allowed: boolean }>(sql`
		select allow_secondary as allowed from c_channel_entity where c_channel_id = ${channelId}::bigint and entity = ${entity} for share`);
	return row?.allowed ?? false;
}
