import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import { isRetryable } from './postgres-error.ts';

const triesAtMost = 10;

/**
 * Runs `work` in one transaction; where PostgreSQL broke it off to let others through, or with what `again` says of, the whole
 * of it runs again, deciding anew from what it reads. Any other error, or the tenth of these, is thrown.
 */
export async function retrying<T>(
	db: Db,
	work: (tx: Transaction) => Promise<T>,
	again: (error: unknown) => boolean = () => false
): Promise<T> {
	for (let tries = 1; ; tries++) {
		try {
			return await db.transaction(work);
		} catch (error) {
			if (!(isRetryable(error) || again(error)) || tries === triesAtMost) throw error;
		}
	}
}

/** Runs reads that must fit together on one snapshot of the database: what others write meanwhile is not seen. */
export function reading<T>(db: Db, work: (tx: Transaction) => Promise<T>): Promise<T> {
	return db.transaction(work, { isolationLevel: 'repeatable read', accessMode: 'read only' });
}

/**
 * From here on statements of this transaction are planned for a few keys, however many they are given, so that each key is
 * looked up by its index: planned for all of them, a statement may read a whole table instead, for every slice of it anew.
 */
export async function lookingUp(tx: Transaction): Promise<void> {
	await tx.execute(sql`
		select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`);
}
