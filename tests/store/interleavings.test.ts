import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createPeopleStore } from '#src/store/people.ts';
import { createStore } from '#src/store/store.ts';
import { allCases } from './cases/all-cases.ts';
import { failedPairs } from './cases/failed-pairs.ts';
import type { VerbCase } from './cases/verb-case.ts';
import { record } from '../proof/figures.ts';
import { createRandom } from './equality/random.ts';
import { openStage, type Stage } from './interleave.ts';

type Pair = readonly [VerbCase, VerbCase];

/** Pairs to try, or `all`: some 18,000. Every verb is in at least one, and every pair that once failed. */
const wanted = process.env['STORE_PAIRS'] ?? '100';
const seed = Number(process.env['STORE_SEED'] ?? 1);
const stageCount = 2;
const secondsAPair = 60;

let stages: Stage[];
beforeAll(async () => {
	stages = await Promise.all(Array.from({ length: stageCount }, () => openStage(inject('templateUrl'))));
});
afterAll(async () => {
	for (const stage of stages) await stage.close();
});

test('every verb has a case', () => {
	const db = {} as Parameters<typeof createStore>[0];
	const verbs = [...Object.keys(createStore(db)), ...Object.keys(createPeopleStore(db))];
	expect([...new Set(allCases.map(({ verb }) => verb))].sort()).toEqual([...verbs, 'plain SQL'].sort());
});

test('the verbs asked for have cases', () => {
	const names = (process.env['STORE_VERBS'] ?? '').split(',').filter((name) => name !== '');
	expect(names.filter((name) => !allCases.some(({ verb }) => verb === name))).toEqual([]);
});

test('the names of the cases are unique', () => {
	const names = allCases.map(({ name }) => name);
	expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
});

const pairs = choosePairs();

test(
	`two calls at once are as one after the other: ${pairs.length} pairs, stopped between all their statements`,
	async () => {
		const failures: string[] = [];
		let interleavings = 0;
		const queue = [...pairs];
		const work = async (stage: Stage) => {
			for (let pair = queue.pop(); pair !== undefined; pair = queue.pop()) {
				const report = await stage.check(...pair);
				interleavings += report.interleavings;
				failures.push(...report.failures);
			}
		};
		await Promise.all(stages.map(work));
		console.log(`${interleavings} interleavings of ${pairs.length} pairs (seed ${seed})`);
		const command = process.env['RECORD_AS'];
		const figures = { pairs: pairs.length, places: interleavings, unequal: failures.length };
		if (command) await record('pairs', { command, figures });
		expect(failures.length, failures.slice(0, 20).join('\n\n')).toBe(0);
		expect(interleavings).toBeGreaterThan(pairs.length);
	},
	120_000 + (pairs.length * secondsAPair * 1000) / stageCount
);

function caseNamed(name: string): VerbCase {
	const found = allCases.find((each) => each.name === name);
	if (!found) throw new Error(`there is no case ${name}`);
	return found;
}

/** Whether one of the verbs asked for is in a pair. */
function isNamed(pair: Pair): boolean {
	const names = process.env['STORE_VERBS'] ?? '';
	return names === '' || pair.some(({ verb }) => names.split(',').includes(verb));
}

function choosePairs(): Pair[] {
	const all = allCases.flatMap((one, place) => allCases.slice(place).map((other): Pair => [one, other]));
	const [part = 1, parts = 1] = (process.env['STORE_PART'] ?? '1/1').split('/').map(Number);
	if (wanted === 'all') return all.filter(isNamed).filter((_, place) => place % parts === part - 1);
	const random = createRandom(seed);
	const chosen = new Set<Pair>(failedPairs.map(([one, other]): Pair => [caseNamed(one), caseNamed(other)]));
	const verbs = [...new Set(allCases.map(({ verb }) => verb))];
	for (const verb of verbs) chosen.add(random.pick(all.filter((pair) => pair.some((each) => each.verb === verb))));
	while (chosen.size < Number(wanted)) chosen.add(random.pick(all));
	return [...chosen];
}
