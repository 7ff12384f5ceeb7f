import { expect, test } from 'vitest';
import { createTimeline } from './timeline.ts';

test('events happen one at a time, in time order and, at the same time, as they were scheduled', async () => {
	const timeline = createTimeline(1_000);
	const seen: string[] = [];
	const note = (name: string) => () => void seen.push(`${name} at ${timeline.nowMs()}`);
	timeline.after(30, null, note('c'));
	timeline.after(10, null, note('a'));
	timeline.after(30, null, note('d'));
	timeline.after(20, null, () => timeline.after(5, null, note('b')));
	await timeline.run(1_100);
	expect(seen).toEqual(['a at 1010', 'b at 1025', 'c at 1030', 'd at 1030']);
	expect(timeline.nowMs()).toBe(1_100);
});

test('hundreds of events in any order come in time order', async () => {
	const timeline = createTimeline(0);
	const delays = Array.from({ length: 500 }, (_, index) => (index * 7919) % 503);
	const seen: number[] = [];
	for (const delay of delays) timeline.after(delay, null, () => void seen.push(delay));
	await timeline.run(1_000);
	expect(seen).toEqual(delays.toSorted((a, b) => a - b));
});

test('what an event sets off has all run before the next one', async () => {
	const timeline = createTimeline(0);
	const seen: string[] = [];
	timeline.after(1, null, () => {
		const chain = async () => {
			for (let link = 0; link < 50; link++) await Promise.resolve();
			seen.push('continuation');
		};
		chain().catch(() => undefined);
	});
	timeline.after(1, null, () => void seen.push('next event'));
	await timeline.run(1);
	expect(seen).toEqual(['continuation', 'next event']);
});

test('nothing after the end of a run happens, and it happens in the next one', async () => {
	const timeline = createTimeline(0);
	const seen: number[] = [];
	for (const at of [5, 15]) timeline.after(at, null, () => void seen.push(at));
	await timeline.run(10);
	expect(seen).toEqual([5]);
	await timeline.run(20);
	expect(seen).toEqual([5, 15]);
});

test('a dead host misses its events for ever; a frozen one has them later, in order, and its neighbour notices nothing', async () => {
	const timeline = createTimeline(0);
	const dead = { dead: true, frozenUntilMs: 0 };
	const frozen = { dead: false, frozenUntilMs: 100 };
	const other = { dead: false, frozenUntilMs: 0 };
	const seen: string[] = [];
	const note = (name: string) => () => void seen.push(`${name} at ${timeline.nowMs()}`);
	timeline.after(1, dead, note('dead'));
	timeline.after(10, frozen, note('first'));
	timeline.after(20, frozen, note('second'));
	timeline.after(150, frozen, note('third'));
	timeline.after(20, other, note('other'));
	await timeline.run(1_000);
	expect(seen).toEqual(['other at 20', 'first at 100', 'second at 100', 'third at 150']);
});
