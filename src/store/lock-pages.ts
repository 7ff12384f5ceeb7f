import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';

/**
 * Makes those who write down what a channel shows, does not show any more, or fits take turns for one channel and entity: two
 * that learn the same at once must see that it is no news to the second, and nothing is kept of a channel that is being deleted.
 */
export async function lockPages(tx: Transaction, channelId: string, entity: string): Promise<void> {
	await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`record-page ${channelId} ${entity}`}))`);
}
