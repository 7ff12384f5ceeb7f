import { expect, test } from 'vitest';
import { oscillates } from './oscillation.ts';

const minute = 60_000;
const series = (values: string, side = 'internal', stepMs = 5_000) =>
	[...values].map((value, index) => ({ atMs: index * stepMs, value, side }));

test('two values that keep replacing each other oscillate from the fifth write on', () => {
	expect(oscillates(series('ABAB'), minute)).toBe(false);
	expect(oscillates(series('ABABA'), minute)).toBe(true);
	expect(oscillates(series('ABABA').toReversed(), minute)).toBe(true);
});

test('a ring of three channels is seen too', () => {
	expect(oscillates(series('ABCABC'), minute)).toBe(true);
});

test('one value that must be written again and again oscillates', () => {
	expect(oscillates(series('AAA'), minute)).toBe(false);
	expect(oscillates(series('AAAA'), minute)).toBe(true);
});

test('new values never oscillate, and one value on many sides is fan-out', () => {
	expect(oscillates(series('ABCDEFGHIJ'), minute)).toBe(false);
	expect(
		oscillates(
			['internal', 'ERP', 'Shop', 'Market', 'Till'].map((side) => ({ atMs: 1, value: 'A', side })),
			minute
		)
	).toBe(false);
});

test('what is older than ten minutes is forgotten', () => {
	expect(oscillates(series('ABABA', 'internal', 4 * minute), 16 * minute)).toBe(false);
	expect(oscillates(series('ABABA', 'internal', 2 * minute), 8 * minute)).toBe(true);
});

test('a switch that people flip five times does not oscillate, one that flips on does', () => {
	const flips = (count: number) =>
		Array.from({ length: count }, (_, index) => ({ atMs: index * 5_000, value: index % 2 === 0, side: 'internal' }));
	expect(oscillates(flips(6), minute)).toBe(false);
	expect(oscillates(flips(8), minute)).toBe(true);
});
