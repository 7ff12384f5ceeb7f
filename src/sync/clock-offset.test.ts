import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimate, initialOffset, observe, type ClockOffset } from './clock-offset.ts';

const date = (sentAtMs: number, receivedAtMs: number, serverMs: number) => ({
	sentAtMs,
	receivedAtMs,
	serverMs,
	resolutionMs: 1000
});

test('nothing measured, nothing claimed', () => {
	expect(estimate(initialOffset, 5)).toBeNull();
});

test('one exchange bounds the offset by its duration plus the resolution', () => {
	const state = observe(initialOffset, date(10_000, 10_200, 70_000));
	const { offsetMs, uncertaintyMs } = estimate(state, 10_200)!;
	expect(offsetMs).toBeCloseTo(60_400, 0);
	expect(uncertaintyMs).toBeCloseTo(600, 0);
});

test('more exchanges narrow it, age widens it', () => {
	let state: ClockOffset = initialOffset;
	for (let at = 0; at < 20_000; at += 1037)
		state = observe(state, date(at, at + 10, Math.floor((at + 5 + 250) / 1000) * 1000));
	const soon = estimate(state, 20_000)!;
	expect(soon.uncertaintyMs).toBeLessThan(200);
	expect(Math.abs(soon.offsetMs - 250)).toBeLessThanOrEqual(soon.uncertaintyMs);
	const later = estimate(state, 20_000 + 3_600_000)!;
	expect(later.uncertaintyMs - soon.uncertaintyMs).toBeCloseTo(360, 3);
});

test('a clock that was set starts the measurement over', () => {
	const before = observe(initialOffset, date(0, 10, 0));
	const after = observe(before, date(5_000, 5_010, 3_605_000));
	const { offsetMs, uncertaintyMs } = estimate(after, 5_010)!;
	expect(Math.abs(offsetMs - 3_600_000)).toBeLessThanOrEqual(uncertaintyMs);
	expect(uncertaintyMs).toBeLessThan(600);
});

test('an exchange that our own clock broke, or without a time, changes nothing', () => {
	const state = observe(initialOffset, date(0, 10, 0));
	expect(observe(state, date(100, 90, 0))).toBe(state);
	expect(observe(state, date(100, 110, Number.NaN))).toBe(state);
});

test('the true offset always lies in the estimate, whatever the latencies, the resolution and a drift up to 100 ppm', () => {
	const exchange = fc.record({
		waitMs: fc.integer({ min: 0, max: 600_000 }),
		outMs: fc.integer({ min: 0, max: 5_000 }),
		backMs: fc.integer({ min: 0, max: 5_000 })
	});
	fc.assert(
		fc.property(
			fc.integer({ min: -86_400_000, max: 86_400_000 }),
			fc.integer({ min: -100, max: 100 }),
			fc.constantFrom(0, 1, 1000, 60_000),
			fc.array(exchange, { minLength: 1, maxLength: 30 }),
			fc.integer({ min: 0, max: 3_600_000 }),
			(startMs, ppm, resolutionMs, exchanges, laterMs) => {
				const origin = 1_700_000_000_000;
				const trueOffset = (atMs: number) => startMs + ((atMs - origin) * ppm) / 1e6;
				let state: ClockOffset = initialOffset;
				let nowMs = origin;
				for (const { waitMs, outMs, backMs } of exchanges) {
					const sentAtMs = nowMs + waitMs;
					const readMs = sentAtMs + outMs;
					nowMs = readMs + backMs;
					const clock = readMs + trueOffset(readMs);
					const serverMs = resolutionMs === 0 ? clock : Math.floor(clock / resolutionMs) * resolutionMs;
					state = observe(state, { sentAtMs, receivedAtMs: nowMs, serverMs, resolutionMs });
				}
				const at = nowMs + laterMs;
				const { offsetMs, uncertaintyMs } = estimate(state, at)!;
				expect(Math.abs(trueOffset(at) - offsetMs)).toBeLessThanOrEqual(uncertaintyMs + 1e-3);
			}
		),
		{ numRuns: 500 }
	);
});
