import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';

/** How far a run is: the id of its last committed slice, '0' before the first, and its state. Null for an unknown run. */
export async function runProgress(
	db: Db,
	input: { runId: string }
): Promise<{ lastBatchId: string; state: string } | null> {
	const [row] = await db.execute<{ lastBatchId: string; state: string }>(sql`
		select r.state, coalesce((select max(b.id) from sync_batch b where b.run_id = r.id), 0)::text as "lastBatchId"
		from sync_run r where r.id = ${input.runId}::bigint`);
	return row ?? null;
}
