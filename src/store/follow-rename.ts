import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { retrying } from './transaction.ts';

const rowsAtOnce = 1000;

/**
 * Lets the next slice of records follow that are called after a renamed one: the prices of a list. False where nothing is
 * left to do, or another process does it.
 */
export async function followRename(db: Db): Promise<boolean> {
	const [row] = await retrying(db, (tx) =>
		tx.execute<{ followed: boolean }>(sql`select cm_follow_rename(${rowsAtOnce}::int) as followed`)
	);
	return row?.followed ?? false;
}
