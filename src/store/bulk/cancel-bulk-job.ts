import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { writeAudit } from '../journal.ts';
import type { Person } from '../person.ts';
import { refusal, type Refusal } from '../refusal.ts';
import { retrying } from '../transaction.ts';

export type CancelBulkJobInput = Person & { jobId: string };

/** Asks a job to stop after its present slice; one that has not begun ends at once. What it did stays done. */
export async function cancelBulkJob(db: Db, input: CancelBulkJobInput): Promise<{ ok: true } | Refusal> {
	return retrying(db, async (tx) => {
		const [job] = await tx.execute<{ channelId: string }>(sql`
			update sync_bulk_job set cancel_requested = true, ended_at = case when state = 'queued' then now() end,
				state = case when state = 'queued' then 'cancelled' else state end
			where id = ${input.jobId}::bigint and state in ('queued', 'running') returning c_channel_id::text as "channelId"`);
		if (!job) return refusal('stale', 'This is over already.', 'There is nothing to stop.');
		const object = `bulk-job/${input.jobId}`;
		await writeAudit(tx, input, { action: 'bulk-cancel', object, channelId: job.channelId });
		return { ok: true };
	});
}
