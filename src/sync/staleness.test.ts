import { expect, test } from 'vitest';
import { stalenessBound } from './staleness.ts';

test('a change is seen after the longest pause and the overlap; what is hidden, after the sweep that follows a day', () => {
	expect(stalenessBound({ longestGapMs: 20_000, feed: { overlapMs: 60_000 } })).toEqual({
		oursMs: 20_000,
		theirsMs: 80_000,
		hiddenMs: 86_420_000
	});
});

test('without a list of changes every run compares everything: nothing is hidden', () => {
	expect(stalenessBound({ longestGapMs: 300_000, feed: null })).toEqual({
		oursMs: 300_000,
		theirsMs: 300_000,
		hiddenMs: null
	});
});

test('records that are kept where nothing tells of changes are seen by the sweep', () => {
	const bound = stalenessBound({ longestGapMs: 20_000, feed: { overlapMs: 60_000 }, untold: true });
	expect(bound).toMatchObject({ oursMs: 86_420_000, theirsMs: 80_000 });
	expect(stalenessBound({ longestGapMs: 20_000, feed: null, untold: true })).toMatchObject({ oursMs: 20_000 });
});
