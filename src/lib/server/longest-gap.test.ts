import { expect, test } from 'vitest';
import { longestGapMs } from './longest-gap.ts';

const hourMs = 3_600_000;
const sundayMs = Date.parse('2026-11-29T12:00:00Z');

test.each([
	[{ everySeconds: 20 }, 20_000],
	[{ cron: '*/5 * * * *', zone: 'UTC' }, 300_000],
	// The weekend: from Friday 18:00 to Monday 08:00.
	[{ cron: '0 8-18 * * 1-5', zone: 'Europe/Copenhagen' }, 62 * hourMs],
	[{ cron: '* 8-17 * * 1-5', zone: 'UTC' }, (62 * 60 + 1) * 60_000],
	// The night it gets light an hour earlier is not within these eight days.
	[{ cron: '30 6 * * *', zone: 'Europe/Copenhagen' }, 24 * hourMs],
	[{ cron: '0 6 1 * *', zone: 'UTC' }, 31 * 24 * hourMs],
	[{ cron: '0 0 30 2 *', zone: 'UTC' }, null]
])('the longest pause of %j is %s ms', (schedule, gapMs) => {
	expect(longestGapMs(schedule, sundayMs)).toBe(gapMs);
});
