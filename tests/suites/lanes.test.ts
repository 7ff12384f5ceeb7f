import { expect, test } from 'vitest';
import { inLanes } from './lanes.mjs';

type Task = { name: string; patient?: true; after?: string[] };

/** Tasks that end when they are told to; `begun` says which began, in their order. */
function start(tasks: Task[], over?: () => boolean) {
	const begun: string[] = [];
	const ends = new Map<string, () => void>();
	const work = ({ name }: Task) => {
		begun.push(name);
		return new Promise<string>((resolve) => ends.set(name, () => resolve(`${name} done`)));
	};
	const all = inLanes(tasks, work, over);
	const end = async (name: string) => {
		ends.get(name)?.();
		await new Promise(setImmediate);
	};
	return { all, begun, end };
}

test('a lane that gets free takes the next task, without waiting for the other lane', async () => {
	const { all, begun, end } = start([{ name: 'long' }, { name: 'a' }, { name: 'b' }, { name: 'c' }]);
	expect(begun).toEqual(['long', 'a']);
	for (const name of ['a', 'b']) await end(name);
	expect(begun).toEqual(['long', 'a', 'b', 'c']);
	for (const name of ['c', 'long']) await end(name);
	expect(await all).toEqual(['long done', 'a done', 'b done', 'c done']);
});

test('what is patient stands beside what is not, as long as there are both', async () => {
	const { all, begun, end } = start([
		{ name: 'stories' },
		{ name: 'more stories' },
		{ name: 'sums', patient: true },
		{ name: 'more sums', patient: true }
	]);
	expect(begun).toEqual(['stories', 'sums']);
	await end('stories');
	expect(begun.at(-1)).toBe('more stories');
	await end('more stories');
	expect(begun.at(-1)).toBe('more sums');
	for (const name of ['sums', 'more sums']) await end(name);
	expect(await all).toHaveLength(4);
});

test('what comes after another task waits for it and lets others pass; for one that is not there it does not wait', async () => {
	const { all, begun, end } = start([
		{ name: 'build' },
		{ name: 'browser', after: ['build', 'absent'] },
		{ name: 'unit' }
	]);
	expect(begun).toEqual(['build', 'unit']);
	await end('unit');
	expect(begun).toEqual(['build', 'unit']);
	await end('build');
	expect(begun).toEqual(['build', 'unit', 'browser']);
	await end('browser');
	expect(await all).toEqual(['build done', 'browser done', 'unit done']);
});

test('once it is over nothing begins any more', async () => {
	let over = false;
	const { all, begun, end } = start([{ name: 'a' }, { name: 'b' }, { name: 'c' }], () => over);
	over = true;
	for (const name of ['a', 'b']) await end(name);
	expect(await all).toEqual(['a done', 'b done']);
	expect(begun).toEqual(['a', 'b']);
});

test('a task that breaks, and tasks that wait for one another, are not passed over', async () => {
	await expect(inLanes([{ name: 'a' }], () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
	const circle = [
		{ name: 'a', after: ['b'] },
		{ name: 'b', after: ['a'] }
	];
	await expect(inLanes(circle, () => Promise.resolve(''))).rejects.toThrow('nothing may begin: a, b');
});
