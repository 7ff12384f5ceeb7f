import type { PgBoss } from 'pg-boss';
import type { Queue, RunJob } from './queue.ts';

export const runQueue = 'sync-run';

/** Runs that one process performs at the same time. */
const runsAtOnce = 5;
const pollSeconds = 0.5;
/** The least that pg-boss allows; a job whose process is silent for this long goes to another one. */
const heartbeatSeconds = 10;
const heartbeatRefreshSeconds = 2;
const longestRunSeconds = 12 * 3600;
const keptSeconds = 300;

/** The queue took the job back, or the process ends, before its run was over. */
class JobInterrupted extends Error {
	constructor() {
		super('interrupted; another worker carries on');
	}
}

/** Makes the queue in the database, or brings an older one to these settings. The boss is started. */
export async function prepareRunQueue(boss: PgBoss): Promise<void> {
	const settings = {
		heartbeatSeconds,
		expireInSeconds: longestRunSeconds,
		retryLimit: 100,
		retryDelay: 1,
		retryBackoff: true,
		retryDelayMax: 60,
		deleteAfterSeconds: keptSeconds
	};
	// stately: of one run at most one job waits and one is worked on.
	await boss.createQueue(runQueue, { ...settings, policy: 'stately' });
	await boss.updateQueue(runQueue, settings);
}

/** The queue of runs on pg-boss. The caller has started `boss` and prepared the queue before `work`. */
export function createPgBossQueue(boss: PgBoss): Queue {
	const ending = new AbortController();
	let worker: string | undefined;

	return {
		async send({ runId }, { afterMs = 0, silentSince } = {}) {
			const data: RunJob = { runId };
			// The job of a dead worker counts as worked on until its heartbeat runs out.
			const singletonKey = silentSince === undefined ? runId : `${runId} silent since ${silentSince}`;
			await boss.send(runQueue, data, { singletonKey, ...(afterMs > 0 ? { startAfter: afterMs / 1000 } : {}) });
			// Spares the wait for the next poll where this process may take it.
			if (worker && afterMs <= 0) boss.notifyWorker(worker);
		},
		async work(handler) {
			const options = { localConcurrency: runsAtOnce, pollingIntervalSeconds: pollSeconds, heartbeatRefreshSeconds };
			worker = await boss.work<RunJob>(runQueue, options, async (jobs) => {
				for (const job of jobs) {
					const signal = AbortSignal.any([job.signal, ending.signal]);
					if (!signal.aborted) await handler({ runId: job.data.runId }, signal);
					// A job that returns is done for good: an interrupted one must fail to be delivered again.
					if (signal.aborted) throw new JobInterrupted();
				}
			});
		},
		async stop(graceMs) {
			ending.abort(new JobInterrupted());
			await boss.stop({ graceful: true, timeout: graceMs });
		}
	};
}
