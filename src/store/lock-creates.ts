import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';

/**
 * Makes whoever links, sets aside, creates or imports records of one channel and entity take turns, so that what was
 * looked up first still holds: the lock is the one under which `reserveEffects` counts creates. Take it before any look.
 */
export async function lockCreates(tx: Transaction, channelId: string, entity: string): Promise<void> {
	await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`ceiling ${channelId} ${entity} creates`}))`);
}
