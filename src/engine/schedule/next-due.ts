import { Cron } from 'croner';
import type { Schedule } from '#src/sync/policy.ts';

/** When the tick after `sinceMs` is due, both in milliseconds since 1970; null for a cron expression that is wrong or never fires. */
export function nextDueMs(schedule: Schedule, sinceMs: number): number | null {
	if ('everySeconds' in schedule) return sinceMs + schedule.everySeconds * 1000;
	try {
		const next = new Cron(schedule.cron, { timezone: schedule.zone, paused: true }).nextRun(new Date(sinceMs));
		return next?.getTime() ?? null;
	} catch {
		return null;
	}
}

/**
 * When the tick after one that was due at `dueMs` and came at `nowMs` is due. Intervals count from tick to tick; what a
 * late tick missed is left out; `backoffMs` is the least wait from now.
 */
export function tickAfter(
	schedule: Schedule,
	{ dueMs, nowMs, backoffMs }: { dueMs: number; nowMs: number; backoffMs: number }
): number | null {
	const inStep = nextDueMs(schedule, dueMs);
	const next = inStep !== null && inStep > nowMs ? inStep : nextDueMs(schedule, nowMs);
	return next === null ? null : Math.max(next, nowMs + backoffMs);
}
