import { describe, expect, it } from 'vitest';
import { nextDueMs, tickAfter } from './next-due.ts';

describe('tickAfter', () => {
	const every10 = { everySeconds: 10 };
	it('counts from tick to tick, so that lateness does not add up', () => {
		expect(tickAfter(every10, { dueMs: 100_000, nowMs: 103_000, backoffMs: 0 })).toBe(110_000);
	});
	it('leaves out what a late tick missed', () => {
		expect(tickAfter(every10, { dueMs: 100_000, nowMs: 175_000, backoffMs: 0 })).toBe(185_000);
	});
	it('waits for the back-off', () => {
		expect(tickAfter(every10, { dueMs: 100_000, nowMs: 100_100, backoffMs: 45_000 })).toBe(145_100);
	});
});

describe('nextDueMs', () => {
	it('reads a cron in its zone, also where the clocks change', () => {
		const schedule = { cron: '30 6 * * *', zone: 'Europe/Berlin' };
		expect(nextDueMs(schedule, Date.parse('2026-03-28T12:00:00Z'))).toBe(Date.parse('2026-03-29T04:30:00Z'));
		expect(nextDueMs(schedule, Date.parse('2026-03-27T12:00:00Z'))).toBe(Date.parse('2026-03-28T05:30:00Z'));
	});
	it('is never for an expression that is none', () => {
		expect(nextDueMs({ cron: 'often', zone: 'UTC' }, 0)).toBeNull();
	});
});
