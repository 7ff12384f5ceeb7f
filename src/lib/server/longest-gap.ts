import { Cron } from 'croner';
import type { Schedule } from '#src/sync/policy.ts';

/** As long as a weekly schedule needs to show its longest pause. */
const horizonMs = 8 * 24 * 3600 * 1000;
const runsAtMost = 12_000;

// Walking along a cron of minutes takes a tenth of a second, and the page that shows it is loaded every few seconds.
const found = new Map<string, number | null>();

/**
 * The longest time between two runs of a schedule, in milliseconds; null for a cron that never fires. A cron is walked
 * along for eight days from `fromMs`, at least over one whole pause.
 */
export function longestGapMs(schedule: Schedule, fromMs: number): number | null {
	if ('everySeconds' in schedule) return schedule.everySeconds * 1000;
	const day = Math.floor(fromMs / (24 * 3600 * 1000));
	const key = `${day} ${schedule.zone} ${schedule.cron}`;
	const known = found.get(key);
	if (known !== undefined) return known;
	if (found.size >= 1000) found.clear();
	const gapMs = longestPause(new Cron(schedule.cron, { timezone: schedule.zone, paused: true }), fromMs);
	found.set(key, gapMs);
	return gapMs;
}

function longestPause(cron: Cron, fromMs: number): number | null {
	let last = cron.nextRun(new Date(fromMs));
	if (!last) return null;
	let longestMs = 0;
	for (let runs = 0; runs < runsAtMost; runs += 1) {
		const next = cron.nextRun(last);
		if (!next) return null;
		longestMs = Math.max(longestMs, next.getTime() - last.getTime());
		last = next;
		if (last.getTime() > fromMs + horizonMs) break;
	}
	return longestMs;
}
