import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { silentSeconds } from '../begin-run.ts';
import { atOnceAtMost } from './bulk-job.ts';

/** A small job is performed by whoever stored it, unless that process ended. */
const atOnceSeconds = 5;

/** A job that nobody works on, or whose process is silent since `silentSince`. */
export type StrandedBulkJob = { jobId: string; silentSince: string | null };

/** Jobs that wait to be begun, and those whose last slice is too long ago. */
export async function readStrandedBulkJobs(db: Db): Promise<StrandedBulkJob[]> {
	const rows = await db.execute<StrandedBulkJob>(sql`
		select id::text as "jobId", case when state = 'running' then cm_iso(heartbeat_at) end as "silentSince" from sync_bulk_job
		where (state = 'queued' and (expected > ${atOnceAtMost} or queued_at < now() - make_interval(secs => ${atOnceSeconds})))
			or (state = 'running' and heartbeat_at < now() - make_interval(secs => ${silentSeconds}))
		order by sync_bulk_job.id`);
	return [...rows];
}
