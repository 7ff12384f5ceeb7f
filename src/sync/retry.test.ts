import { expect, expectTypeOf, test } from 'vitest';
import type { ConnectorErrorKind } from '#src/engine/connectors/error.ts';
import { nextTry, runBackoffMs, type FailureKind } from './retry.ts';

const most = () => 0.999999;
const least = () => 0;

test('every way a connector fails is known here', () => {
	expectTypeOf<FailureKind>().toEqualTypeOf<ConnectorErrorKind>();
});

test('a record that keeps failing is tried five times, ever more rarely, then set aside', () => {
	for (const kind of ['rejected', 'ambiguous', 'missing', 'duplicate', 'invalid-reply'] as const) {
		let tries = 0;
		const delays: number[] = [];
		for (;;) {
			const next = nextTry(tries, kind, undefined, most);
			if (next === 'quarantine') break;
			tries = next.tries;
			delays.push(next.delayMs);
		}
		expect(delays, kind).toEqual([2_000, 4_000, 8_000, 16_000]);
	}
});

test('jitter spreads tries over the whole delay', () => {
	expect(nextTry(2, 'rejected', undefined, least)).toEqual({ tries: 3, delayMs: 0 });
	expect(nextTry(2, 'rejected', undefined, () => 0.5)).toEqual({ tries: 3, delayMs: 4_000 });
});

test('a lost race is repeated at once and never sets a record aside', () => {
	for (const kind of ['conflict', 'expired'] as const) {
		expect(nextTry(4, kind, 9_000, most)).toEqual({ tries: 4, delayMs: 0 });
	}
});

test('a channel that is down, slow or locked does not count against its records', () => {
	for (const kind of ['unreachable', 'rate-limited', 'unauthorized', 'misconfigured'] as const) {
		expect(nextTry(4, kind, undefined, most), kind).toMatchObject({ tries: 4 });
	}
});

test('Retry-After is a lower bound, up to an hour', () => {
	expect(nextTry(0, 'rate-limited', 30_000, least)).toEqual({ tries: 0, delayMs: 30_000 });
	expect(nextTry(0, 'rejected', 30_000, most)).toEqual({ tries: 1, delayMs: 32_000 });
	expect(nextTry(0, 'rate-limited', 10 ** 12, least)).toEqual({ tries: 0, delayMs: 3_600_000 });
	expect(nextTry(0, 'rate-limited', -5, least)).toEqual({ tries: 0, delayMs: 0 });
});

test('a channel that keeps failing is asked ever more rarely, at least every five minutes', () => {
	expect([0, 1, 2, 3, 4, 5, 1_000_000].map(runBackoffMs)).toEqual([
		0, 5_000, 15_000, 45_000, 135_000, 300_000, 300_000
	]);
});
