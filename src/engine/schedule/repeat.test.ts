import { expect, test } from 'vitest';
import { repeat } from './repeat.ts';

test('a chore is done in its turn, a failure ends nothing, and the end is the end', async () => {
	const slept: number[] = [];
	const told: string[] = [];
	const ending = new AbortController();
	const clock = {
		nowMs: () => 0,
		monotonicMs: () => 0,
		sleep(ms: number) {
			slept.push(ms);
			return Promise.resolve();
		}
	};
	const log = { info: () => undefined, error: () => undefined, warn: (text: string) => void told.push(text) };
	let turns = 0;
	const work = () => {
		turns += 1;
		if (turns === 3) ending.abort();
		return turns === 1 ? Promise.reject(new Error('no database')) : Promise.resolve();
	};
	await repeat({ clock, log }, { everyMs: 5, afterMs: 9, failed: 'not mended', work }, ending.signal);
	expect([turns, slept, told]).toEqual([3, [9, 5, 5, 5], ['not mended']]);
});
