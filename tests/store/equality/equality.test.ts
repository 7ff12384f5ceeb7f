import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createMemoryStore } from '#src/store/memory/create-memory-store.ts';
import { makers, openRig, type Difference, type Rig } from './sequence.ts';

/** How many sequences, from which seed on; all of them are the same every time. */
const sequences = Number(process.env['STORE_SEQUENCES'] ?? 60);
const firstSeed = Number(process.env['STORE_SEED'] ?? 1);
const stepsEach = 60;
const shrinkingTries = 80;

let rig: Rig;
beforeAll(async () => {
	rig = await openRig(inject('templateUrl'));
});
afterAll(() => rig.close());

test('every verb of the memory store takes part', () => {
	const { store, people } = createMemoryStore({ nowMicros: () => 0n });
	const made = Object.keys(makers);
	for (const verb of [...Object.keys(store), ...Object.keys(people)]) expect(made, 'makers of calls').toContain(verb);
});

test(
	`${sequences} sequences of ${stepsEach} calls return and leave the same in memory and on PostgreSQL`,
	async () => {
		const succeeded = new Set<string>();
		const idle = () => Object.keys(makers).filter((verb) => verb !== 'clock' && !succeeded.has(verb));
		// A rare verb may need a few more to come up where it has something to do.
		const enough = (played: number) =>
			played >= sequences && (sequences < 40 || idle().length === 0 || played >= 3 * sequences);
		for (let seed = firstSeed; !enough(seed - firstSeed); seed++) {
			const difference = await rig.run(seed, stepsEach, (step, result) => {
				if (didSomething(result)) succeeded.add(step.verb);
			});
			if (difference !== null) throw new Error(told(await rig.shrink(difference, shrinkingTries)));
		}
		expect(sequences < 40 ? [] : idle(), 'verbs that were refused every time').toEqual([]);
	},
	60_000 + sequences * 20_000
);

function didSomething(result: unknown): boolean {
	if (typeof result !== 'object' || result === null) return true;
	return !('error' in result) && !('ok' in result && result.ok === false);
}

function told({ seed, steps, what }: Difference): string {
	const calls = steps.map((step) => JSON.stringify(step)).join('\n');
	return `seed ${seed}, ${steps.length} steps: ${what}\n${calls}`;
}
