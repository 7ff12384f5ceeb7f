import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { playSeeds, type Played } from './farm.ts';
import { killingSeeds, mutants, type Mutant } from './mutants.ts';
import { plantedBugs } from './planted-bugs.ts';
import { remedies, withoutRemedies } from './remedies.ts';

const root = path.resolve(import.meta.dirname, '../..');
const sourceOf = (file: string) => readFileSync(path.join(root, file), 'utf8');
const seeds = killingSeeds();
const caught = mutants.filter(({ name }) => name in seeds);

describe('rules that can be taken out', () => {
	it('are many, each under a name of its own', () => {
		const names = [...remedies, ...plantedBugs].map(({ name }) => name);
		expect(remedies.length).toBeGreaterThanOrEqual(30);
		expect(plantedBugs).toHaveLength(5);
		expect(new Set(names).size).toBe(names.length);
	});

	it.each([...remedies, ...plantedBugs])('$name stands at one place in $file', (remedy) => {
		const source = sourceOf(remedy.file);
		const without = withoutRemedies(source, [remedy]);
		expect(without).not.toBe(source);
		expect(without).toContain(remedy.replace);
	});

	it('are not taken out of a source in which their place is missing or doubled', () => {
		const [remedy] = remedies;
		if (!remedy) throw new Error('no remedy');
		expect(() => withoutRemedies('', [remedy])).toThrow(remedy.name);
		expect(() => withoutRemedies(remedy.find + remedy.find, [remedy])).toThrow(remedy.file);
	});

	it('are each caught, alone or in a named pair, or held by a test of their own; for three at most only an argument stands', () => {
		const shown = new Set(caught.flatMap(({ without }) => without));
		const open = [...remedies, ...plantedBugs].filter(({ name, heldBy }) => !shown.has(name) && heldBy === undefined);
		expect(open.filter((one) => !one.argument).map(({ name }) => name)).toEqual([]);
		expect(open.filter(({ argument }) => argument !== undefined).length).toBeLessThanOrEqual(3);
	});

	it('are what the stored seeds are about', () => {
		const names = mutants.map(({ name }) => name);
		expect(Object.keys(seeds).filter((name) => !names.includes(name))).toEqual([]);
	});
});

describe('a schedule that is known to catch a mutant', () => {
	it('catches every one of them, and is sound with nothing taken out', { timeout: 300_000 }, async () => {
		const survivors: string[] = [];
		const waiting = [...caught];
		const lane = async () => {
			for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
				const { violations } = await play(mutant);
				if (violations.length === 0) survivors.push(`${mutant.name} at seed ${seeds[mutant.name]}`);
			}
		};
		await Promise.all([lane(), lane()]);
		expect(survivors, 'after a change of the simulator `npm run simulate -- --mutants` finds seeds anew').toEqual([]);

		const red: string[] = [];
		const sound = new Set(caught.map(({ name }) => seeds[name] ?? 0));
		await playSeeds({
			seeds: sound,
			workers: 2,
			onPlayed: ({ seed, violations }) => void red.push(...violations.map(({ what }) => `seed ${seed}: ${what}`))
		});
		expect(red).toEqual([]);
	});

	it('is played alike by a process that could take rules out and takes out none', { timeout: 300_000 }, async () => {
		const plain: Played[] = [];
		await playSeeds({ seeds: [7], workers: 1, fullTrace: true, onPlayed: (played) => void plain.push(played) });
		expect(await playWithHook(7)).toBe(plain[0]?.hash);
	});
});

async function play({ name, without }: Mutant): Promise<Played> {
	let result: Played | undefined;
	await playSeeds({ seeds: [seeds[name] ?? 0], workers: 1, without, onPlayed: (played) => void (result = played) });
	if (!result) throw new Error(`${name}: not played`);
	return result;
}

function playWithHook(seed: number): Promise<string> {
	const worker = fork(path.join(import.meta.dirname, 'worker.ts'), [], {
		execArgv: ['--import', path.join(import.meta.dirname, 'mutate.ts'), '--disable-warning=ExperimentalWarning'],
		env: { ...process.env, SIMULATE_WITHOUT: '' }
	});
	return new Promise((resolve, reject) => {
		worker.once('error', reject);
		worker.once('message', (played: Played) => {
			worker.disconnect();
			resolve(played.hash);
		});
		worker.send({ seed, fullTrace: true });
	});
}
