import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';

/** Makes who takes the hints of one channel and entity, and who leaves some there, take turns. Take it before any hint. */
export async function lockHints(tx: Transaction, channelId: string, entity: string): Promise<void> {
	await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${hintsOf(channelId, entity)}))`);
}

/** The same for those who leave hints: any number of them at once. */
export async function shareHints(tx: Transaction, channelId: string, entity: string): Promise<void> {
	await tx.execute(sql`select pg_advisory_xact_lock_shared(hashtext(${hintsOf(channelId, entity)}))`);
}

const hintsOf = (channelId: string, entity: string) => `hints ${channelId} ${entity}`;
