import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { runColumns, type RunRow } from './list-runs.ts';

/** One run; null when it does not exist. */
export async function readRun(db: Db, input: { id: string }): Promise<RunRow | null> {
	const [row] = await db.execute<RunRow>(sql`
		select ${runColumns()} from sync_run r join c_channel c on c.id = r.c_channel_id where r.id = ${input.id}::bigint`);
	return row ?? null;
}
