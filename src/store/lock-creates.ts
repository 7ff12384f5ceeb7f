import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';

/**
 * Makes a person's link wait for creates that are being opened or imported for the same channel and entity, and the other
 * way round: the lock is the one under which `reserveEffects` counts creates. Take it before looking for intents.
 */
export async function lockCreates(tx: Transaction, channelId: string, entity: string): Promise<void> {
	await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`ceiling ${channelId} ${entity} creates`}))`);
}
