import type { PgBoss } from 'pg-boss';
import type { StrandedBulkJob } from '#src/store/bulk/stranded-bulk-jobs.ts';

export const bulkQueue = 'bulk-job';

/** Jobs that one process performs at the same time: they are made of wide statements. */
const jobsAtOnce = 1;
const settings = {
	heartbeatSeconds: 10,
	expireInSeconds: 12 * 3600,
	retryLimit: 100,
	retryDelay: 1,
	retryBackoff: true,
	retryDelayMax: 30,
	deleteAfterSeconds: 300
};

/** Durable transport of bulk jobs. Deliveries may be doubled: every slice is guarded by the job's row. */
export type BulkQueue = {
	/** Hands a job to a worker; once more where its process is silent. */
	send(job: StrandedBulkJob): Promise<void>;
	/** Hands jobs to `handler`, whose signal fires when the queue takes the job back or the process ends. */
	work(handler: (jobId: string, signal: AbortSignal) => Promise<void>): Promise<void>;
};

/** Makes the queue in the database, or brings an older one to these settings. The boss is started. */
export async function prepareBulkQueue(boss: PgBoss): Promise<void> {
	await boss.createQueue(bulkQueue, { ...settings, policy: 'stately' });
	await boss.updateQueue(bulkQueue, settings);
}

/** Bulk jobs on pg-boss. */
export function createBulkQueue(boss: PgBoss, ending: AbortSignal): BulkQueue {
	let worker: string | undefined;
	return {
		async send({ jobId, silentSince }) {
			const singletonKey = silentSince === null ? jobId : `${jobId} silent since ${silentSince}`;
			await boss.send(bulkQueue, { jobId }, { singletonKey });
			if (worker) boss.notifyWorker(worker);
		},
		async work(handler) {
			const options = { localConcurrency: jobsAtOnce, pollingIntervalSeconds: 0.5, heartbeatRefreshSeconds: 2 };
			worker = await boss.work<{ jobId: string }>(bulkQueue, options, async (jobs) => {
				for (const job of jobs) {
					const signal = AbortSignal.any([job.signal, ending]);
					if (!signal.aborted) await handler(job.data.jobId, signal);
					// A job that returns is done for good: an interrupted one must fail to be delivered again.
					if (signal.aborted) throw new Error('interrupted; another worker carries on');
				}
			});
		}
	};
}
