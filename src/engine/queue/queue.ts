/** One run to perform; the row in sync_run holds everything else. */
export type RunJob = { runId: string };

/**
 * Durable transport of runs. Deliveries may be doubled, late or reordered: the handler is idempotent and the database
 * decides whether a run may go on.
 */
export type Queue = {
	/**
	 * Hands a queued run to a worker, at once or after `afterMs`. While one works on a run, another job of it waits, unless
	 * `silentSince` says since when its worker is silent: then the run is handed to one more, once for this silence.
	 */
	send(job: RunJob, options?: { afterMs?: number; silentSince?: string }): Promise<void>;
	/** Hands runs to `handler` until `stop`; the signal fires when the queue takes the job back or the process ends. */
	work(handler: (job: RunJob, signal: AbortSignal) => Promise<void>): Promise<void>;
	/** Stops taking jobs and waits for those in work, at most `graceMs`. */
	stop(graceMs: number): Promise<void>;
};
