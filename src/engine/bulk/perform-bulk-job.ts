import { mayDoInBulk } from '#src/mappings/bulk-rights.ts';
import type { PerformBulkBatchInput, PerformBulkBatchResult } from '#src/store/bulk/perform-bulk-batch.ts';
import type { StrandedBulkJob } from '#src/store/bulk/stranded-bulk-jobs.ts';
import type { Engine } from '../engine.ts';
import { errorText } from '../error-text.ts';
import type { Clock, Log } from '../ports.ts';
import type { BulkQueue } from './bulk-queue.ts';

/** Links in one transaction: what others wait for at most. */
const linksAtOnce = 2_000;
/** Rest after each slice, as a share of the time it took: the pages' turn. */
const restShare = 0.4;
const lookEveryMs = 500;

export type BulkPorts = {
	clock: Clock;
	log: Log;
	engine: Pick<Engine, 'requestRun'>;
	queue: BulkQueue;
	performBatch(input: PerformBulkBatchInput): Promise<PerformBulkBatchResult>;
	/** Jobs that nobody works on. */
	readStranded(): Promise<StrandedBulkJob[]>;
};

/** Takes bulk jobs and finds those that nobody works on, until `signal` fires. Any number of processes may do this at once. */
export async function workOnBulkJobs(ports: BulkPorts, signal: AbortSignal): Promise<void> {
	await ports.queue.work((jobId, jobSignal) => performBulkJob(ports, jobId, jobSignal));
	while (!signal.aborted) {
		try {
			for (const stranded of await ports.readStranded()) await ports.queue.send(stranded);
		} catch (error) {
			ports.log.warn('bulk jobs: could not look for new ones', { problem: errorText(error) });
		}
		await ports.clock.sleep(lookEveryMs, signal).catch(() => undefined);
	}
}

/** Performs a job slice by slice to its end, or until `signal` fires; whoever takes it up then goes on from there. */
export async function performBulkJob(ports: BulkPorts, jobId: string, signal: AbortSignal): Promise<void> {
	const { clock, log } = ports;
	let ahead: readonly string[] = [];
	for (;;) {
		if (signal.aborted) return;
		const startedMs = clock.monotonicMs();
		const batch = await ports.performBatch({ jobId, limit: linksAtOnce, may: mayDoInBulk, ahead });
		const { over, state, compare } = batch;
		({ ahead } = batch);
		if (!over) {
			await clock.sleep((clock.monotonicMs() - startedMs) * restShare, signal).catch(() => undefined);
			continue;
		}
		if (state !== null) log.info('bulk job over', { jobId, state });
		if (compare) await ports.engine.requestRun({ ...compare, mode: 'incremental' });
		return;
	}
}
