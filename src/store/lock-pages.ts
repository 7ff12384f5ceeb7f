import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';

/**
 * Makes those who write down what a channel shows, does not show any more, or fits, and those who change what that depends on,
 * take turns for one channel and entity: two that learn the same at once must see that it is no news to the second, and
 * nothing is kept of a channel that is being deleted. Take it before any row.
 */
export async function lockPages(tx: Transaction, channelId: string, entity: string): Promise<void> {
	await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${pagesOf(channelId, entity)}))`);
}

/** The same for one who takes turns with all of them, but not with others who share it. */
export async function sharePages(tx: Transaction, channelId: string, entity: string): Promise<void> {
	await tx.execute(sql`select pg_advisory_xact_lock_shared(hashtext(${pagesOf(channelId, entity)}))`);
}

const pagesOf = (channelId: string, entity: string) => `record-page ${channelId} ${entity}`;
