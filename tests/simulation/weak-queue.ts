import type { Queue, RunJob } from '#src/engine/queue/queue.ts';
import { afterCall, beforeCall, type Replica, type Simulation } from './replica.ts';

const jobsAtOnce = 5;
/** The real queue lets one job of a run wait. Here it is a few: without end, the doubles of doubles crowd out all else. */
const waitingAtMost = 3;

/**
 * A queue weaker than the real one: it doubles, loses, delays and reorders jobs and hands the same job to two processes
 * at once. Only a job whose process fell silent surely comes back.
 */
export function createWeakQueue(simulation: Simulation, replicas: () => readonly Replica[]) {
	const { timeline, random, faults } = simulation;
	const waiting = new Map<string, number>();

	function enqueue(job: RunJob, afterMs: number): void {
		const fault = faults.ofQueue();
		if (fault === 'job-lost') return;
		const lateMs = fault === 'job-late' ? random.between(0, 15_000) : 0;
		hold(job, afterMs + lateMs + random.between(1, 500));
		if (fault === 'job-doubled') hold(job, afterMs + random.between(1, 3_000));
	}

	function hold(job: RunJob, delayMs: number): void {
		const already = waiting.get(job.runId) ?? 0;
		if (already === waitingAtMost) return;
		waiting.set(job.runId, already + 1);
		timeline.after(delayMs, null, () => {
			waiting.set(job.runId, (waiting.get(job.runId) ?? 0) - 1);
			deliver(job);
		});
	}

	function deliver(job: RunJob): void {
		const free = replicas().filter(({ dead, jobs }) => !dead && jobs < jobsAtOnce);
		if (free.length === 0) return timeline.after(random.between(300, 900), null, () => deliver(job));
		work(random.pick(free), job);
	}

	function work(replica: Replica, job: RunJob): void {
		const taken = new AbortController();
		let over = false;
		const end = (again: boolean) => {
			if (over) return;
			over = true;
			replica.jobs -= 1;
			if (again) timeline.after(random.between(500, 2_000), null, () => deliver(job));
		};
		replica.jobs += 1;
		replica.engine.performRun(job.runId, taken.signal).then(
			() => end(taken.signal.aborted),
			() => end(true)
		);
		// A silent process loses its job; so, at times, does one that works.
		const watch = () => {
			if (over) return;
			const silent = replica.dead || replica.frozenUntilMs > timeline.nowMs();
			if (silent || faults.takesJobBack()) {
				timeline.after(0, replica, () => taken.abort(new Error('the queue took the job back')));
				return end(true);
			}
			timeline.after(random.between(10_000, 12_000), null, watch);
		};
		timeline.after(random.between(10_000, 12_000), null, watch);
	}

	return {
		deliver,
		/** The queue port of one process. */
		portOf: (replica: Replica): Queue => ({
			async send(job, options) {
				const held = beforeCall(simulation, replica, 'queue.send');
				if (held) await held;
				return new Promise((resolve) => {
					timeline.after(random.between(0.2, 3), null, () => {
						enqueue(job, options?.afterMs ?? 0);
						afterCall(simulation, replica, 'queue.send');
						timeline.after(random.between(0.2, 3), replica, resolve);
					});
				});
			},
			work: async () => {},
			stop: async () => {}
		})
	};
}
