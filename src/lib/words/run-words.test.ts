import { expect, test } from 'vitest';
import { nothingMoved } from './run-words.ts';

const run = { state: 'succeeded', mode: 'full', linked: true, counts: {} };

test.each([
	['Everything equal', { ...run, counts: { scanned: 20, changed: 0 } }],
	['Everything equal', { ...run, counts: { scanned: 20, changed: 20, 'in-sync': 20 } }],
	['Everything equal', { ...run, mode: 'incremental', counts: { scanned: 1, changed: 1 } }],
	['Nothing is linked yet', { ...run, counts: { scanned: 20, changed: 20 } }],
	['Nothing is linked yet', { ...run, linked: false, counts: { scanned: 20, changed: 0 } }],
	['Nothing is linked yet', { ...run, linked: false, mode: 'incremental' }],
	['Nothing done', { ...run, state: 'failed' }],
	['Nothing done', { ...run, linked: false, state: 'cancelled' }]
])('a run that moved nothing: %s', (words, quiet) => {
	expect(nothingMoved(quiet)).toBe(words);
});
