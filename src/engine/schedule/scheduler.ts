import { inDependencyOrder } from '#src/entities/registry.ts';
import type { ScheduledEntity, StrandedRun } from '#src/store/read-schedules.ts';
import { runBackoffMs } from '#src/sync/retry.ts';
import type { Engine } from '../engine.ts';
import { errorText } from '../error-text.ts';
import type { Clock, Log } from '../ports.ts';
import type { Queue } from '../queue/queue.ts';
import { nextDueMs, tickAfter } from './next-due.ts';
import { tickKey, type PlannedTick, type Tick, type TickJobs } from './tick-jobs.ts';

const lookEveryMs = 1000;
/** The ticks are looked at every third time only: nothing is lost where they come late. */
const looksPerReconcile = 3;

export type SchedulerPorts = {
	clock: Clock;
	log: Log;
	engine: Pick<Engine, 'requestRun'>;
	queue: Pick<Queue, 'send'>;
	jobs: TickJobs;
	readSchedules(): Promise<ScheduledEntity[]>;
	readSchedule(key: { channelId: string; entity: string }): Promise<ScheduledEntity | null>;
	/** Runs whose job was lost or whose process is silent. */
	readStrandedRuns(): Promise<StrandedRun[]>;
};

/**
 * Starts runs by schedule. Any number of processes may do this at once: together they make one tick. A new channel, a
 * changed schedule, a pause and its end take effect within five seconds. Ends when `signal` fires.
 */
export async function runScheduler(ports: SchedulerPorts, signal: AbortSignal): Promise<void> {
	await ports.jobs.work((tick) => handleTick(ports, tick));
	for (let looks = 0; !signal.aborted; looks++) {
		try {
			if (looks % looksPerReconcile === 0) await reconcileTicks(ports);
			for (const { runId, silentSince } of await ports.readStrandedRuns())
				await ports.queue.send({ runId }, silentSince === null ? {} : { silentSince });
		} catch (error) {
			ports.log.warn('schedule: could not look for changes', {
				problem: errorText(error)
			});
		}
		await ports.clock.sleep(lookEveryMs, signal).catch(() => undefined);
	}
}

/** One tick: asks for a run unless one is under way, then plans the next tick. A paused channel's ticks end here. */
export async function handleTick(ports: SchedulerPorts, tick: Tick): Promise<void> {
	const at = await ports.readSchedule(tick);
	if (!at || at.paused) return;
	const { channelId, entity, schedule, nowMs } = at;
	if (!at.busy) {
		await ports.engine.requestRun({
			channelId,
			entity,
			mode: at.sweepDue ? 'full' : 'incremental',
			startedBy: 'schedule'
		});
	}
	const dueMs = tickAfter(schedule, { dueMs: tick.dueMs, nowMs, backoffMs: runBackoffMs(at.failures) });
	if (dueMs !== null) await ports.jobs.plan({ channelId, entity, schedule, dueMs }, dueMs - nowMs);
}

/** Makes sure that exactly one tick is planned for each channel and entity that is not paused, by its present schedule. */
export async function reconcileTicks(ports: Pick<SchedulerPorts, 'jobs' | 'readSchedules'>): Promise<void> {
	const wanted = referencedFirst(await ports.readSchedules());
	const planned = new Map<string, PlannedTick>();
	for (const tick of await ports.jobs.planned()) {
		const key = tickKey(tick);
		if (!planned.get(key)?.active) planned.set(key, tick);
	}
	for (const at of wanted) {
		const tick = planned.get(tickKey(at));
		planned.delete(tickKey(at));
		if (tick?.active) continue;
		const { channelId, entity, schedule, nowMs } = at;
		if (at.paused) {
			if (tick) await ports.jobs.drop(at);
		} else if (!tick) {
			// A cron is kept to even at first; an interval starts at once.
			const dueMs = 'everySeconds' in schedule ? nowMs : nextDueMs(schedule, nowMs);
			if (dueMs !== null) await ports.jobs.plan({ channelId, entity, schedule, dueMs }, dueMs - nowMs);
		} else if (!sameSchedule(tick.schedule, schedule) || waitsInVain(tick, at)) {
			const dueMs = nextDueMs(schedule, nowMs);
			if (dueMs === null) await ports.jobs.drop(at);
			else await ports.jobs.replan({ channelId, entity, schedule, dueMs }, dueMs - nowMs);
		}
	}
	for (const gone of planned.values()) if (!gone.active) await ports.jobs.drop(gone);
}

/** It was put off because runs failed, and none does any more. */
function waitsInVain({ dueMs }: PlannedTick, { failures, schedule, nowMs }: ScheduledEntity): boolean {
	const inStep = nextDueMs(schedule, nowMs);
	return failures === 0 && inStep !== null && dueMs > inStep;
}

/** In the order in which a channel's entities are best looked at where several are due: records first that others point to. */
function referencedFirst(schedules: readonly ScheduledEntity[]): ScheduledEntity[] {
	const order = inDependencyOrder([...new Set(schedules.map(({ entity }) => entity))]);
	return schedules.toSorted((one, other) => order.indexOf(one.entity) - order.indexOf(other.entity));
}

function sameSchedule(a: ScheduledEntity['schedule'], b: ScheduledEntity['schedule']): boolean {
	if ('everySeconds' in a) return 'everySeconds' in b && a.everySeconds === b.everySeconds;
	return 'cron' in b && a.cron === b.cron && a.zone === b.zone;
}
