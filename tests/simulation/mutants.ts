import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { playSeeds } from './farm.ts';
import { plantedBugs } from './planted-bugs.ts';
import { isStorm, planOf } from './plan.ts';
import { pairs, remedies, remedyNamed } from './remedies.ts';

/** The product with one remedy taken out, two that stand in for each other, or a planted bug. */
export type Mutant = {
	name: string;
	without: readonly string[];
	kind: 'remedy' | 'pair' | 'planted';
	/** Why none of its schedules need be violated. */
	argument: string | null;
};

export type Verdict = Mutant & {
	/** Schedules played until one was violated, or in all. */
	played: number;
	/** The first schedule that only the mutant violates, and what it broke. */
	caught: Caught | null;
	/** The test of its own that was run and turned red, where one holds the remedy. */
	redTest: string | null;
};

type Caught = { seed: number; invariant: string; what: string };

const seedsFile = path.join(import.meta.dirname, 'killing-seeds.json');

export const mutants: readonly Mutant[] = [
	...remedies.map(({ name, argument }) => ({
		name,
		without: [name],
		kind: 'remedy' as const,
		argument: argument ?? null
	})),
	...pairs.map(({ names }) => ({ name: names.join(' + '), without: names, kind: 'pair' as const, argument: null })),
	...plantedBugs.map(({ name }) => ({ name, without: [name], kind: 'planted' as const, argument: null }))
];

/** The seed that is known to catch each mutant. */
export function killingSeeds(): Record<string, number> {
	return JSON.parse(readFileSync(seedsFile, 'utf8')) as Record<string, number>;
}

/**
 * Plays schedules without each remedy until one is violated, at most `count` for each; prints what caught it, and keeps the
 * seeds. Returns the exit code: 0 when every mutant without an argument was caught, alone or as a pair.
 */
export async function judgeMutants({
	first,
	count,
	only,
	json
}: {
	first: number;
	count: number;
	/** Just the mutants that take out these; none = all. */
	only: readonly string[];
	json: boolean;
}): Promise<number> {
	const verdicts: Verdict[] = [];
	if (!json) console.log(lineOf('remedy', 'takes out', 'caught at', 'after', 'by'));
	const chosen = mutants.filter(({ without }) => only.length === 0 || without.every((name) => only.includes(name)));
	for (const mutant of chosen) {
		const verdict = judgeByTest(mutant) ?? (await judgeStored(mutant)) ?? (await judge(mutant, first, count));
		verdicts.push(verdict);
		keepSeeds(verdicts);
		if (!json) console.log(textOf(verdict));
	}
	const open = uncaught(verdicts);
	if (json) console.log(JSON.stringify({ mutants: verdicts, uncaught: open.map(({ name }) => name) }));
	else
		console.log(
			`${verdicts.filter(({ caught, redTest }) => caught ?? redTest).length} of ${verdicts.length} caught; ${openText(open)}`
		);
	return open.some(({ argument }) => argument === null) || open.length > 3 ? 1 : 0;
}

/** Runs the test that holds a remedy, with the remedy taken out; null where none does, or it stays green. */
function judgeByTest(mutant: Mutant): Verdict | null {
	const file = mutant.kind === 'remedy' ? remedyNamed(mutant.name).heldBy : undefined;
	if (file === undefined) return null;
	const { status } = spawnSync('vitest', ['run', '--fsModuleCache=false', file], {
		env: { ...process.env, SIMULATE_WITHOUT: mutant.name },
		stdio: 'ignore'
	});
	return status === 1 ? { ...mutant, played: 0, caught: null, redTest: file } : null;
}

/** The verdict of the stored seed, where it still catches the mutant and not the product as it is. */
async function judgeStored(mutant: Mutant): Promise<Verdict | null> {
	const seed = killingSeeds()[mutant.name];
	const verdict = seed === undefined ? null : await judge(mutant, seed, 1);
	return verdict?.caught ? verdict : null;
}

/** Plays schedules from `first` on, storms first, until one violates the mutant and not the product as it is. */
export async function judge(mutant: Mutant, first: number, count: number, workers?: number): Promise<Verdict> {
	const waiting = candidates(mutant, first, count);
	let played = 0;
	for (;;) {
		let found: Caught | null = null;
		await playSeeds({
			seeds: waiting,
			without: mutant.without,
			...(workers !== undefined && { workers }),
			onPlayed({ seed, violations: [violation] }) {
				played += 1;
				if (!violation) return true;
				found ??= { seed, ...violation };
				return false;
			}
		});
		if (found === null) return { ...mutant, played, caught: null, redTest: null };
		if (await isSound((found as Caught).seed)) return { ...mutant, played, caught: found, redTest: null };
	}
}

/** Taken one by one: what one round has played, the next does not play again. */
function candidates(mutant: Mutant, first: number, count: number): Iterable<number> {
	const all = Array.from({ length: count }, (_, index) => first + index).filter(concerned(mutant));
	const queue = [...all.filter(isStorm), ...all.filter((seed) => !isStorm(seed))];
	return { [Symbol.iterator]: () => ({ next: () => nextOf(queue) }) };
}

function nextOf(queue: number[]): IteratorResult<number> {
	const value = queue.shift();
	return value === undefined ? { value: undefined, done: true } : { value, done: false };
}

/** Whether a schedule has a channel for each rule that was taken out. */
function concerned({ without }: Mutant): (seed: number) => boolean {
	const rules = without.flatMap((name) => remedyNamed(name).matters ?? []);
	return (seed) => rules.length === 0 || rules.every((matters) => planOf(seed).channels.some(matters));
}

/** Whether nothing is violated with every remedy in place. */
export async function isSound(seed: number): Promise<boolean> {
	let sound = false;
	await playSeeds({ seeds: [seed], workers: 1, onPlayed: ({ violations }) => void (sound = violations.length === 0) });
	return sound;
}

/** What no schedule caught, neither alone nor in a pair, and no test of its own. */
function uncaught(verdicts: readonly Verdict[]): Verdict[] {
	const missed = verdicts.filter(({ caught, redTest }) => caught === null && redTest === null);
	const inPairs = new Set(verdicts.flatMap(({ kind, caught, without }) => (kind === 'pair' && caught ? without : [])));
	return missed.filter(({ kind, name }) => kind !== 'remedy' || !inPairs.has(name));
}

function keepSeeds(verdicts: readonly Verdict[]): void {
	const seeds = killingSeeds();
	for (const { name, caught } of verdicts) if (caught) seeds[name] = caught.seed;
	const known = new Set(mutants.map(({ name }) => name));
	const sorted = Object.entries(seeds)
		.filter(([name]) => known.has(name))
		.toSorted(([one], [other]) => one.localeCompare(other, 'en'));
	writeFileSync(seedsFile, `${JSON.stringify(Object.fromEntries(sorted), null, '\t')}\n`);
}

function textOf({ name, kind, without, played, caught, redTest }: Verdict): string {
	const what = kind === 'pair' ? 'both' : remedyNamed(without[0] ?? '').does;
	if (redTest !== null) return lineOf(name, what, 'its test', '', redTest);
	return caught
		? lineOf(name, what, `seed ${caught.seed}`, `${played}`, `${caught.invariant}: ${caught.what}`)
		: lineOf(name, what, 'not caught', `${played}`, '');
}

function openText(open: readonly Verdict[]): string {
	if (open.length === 0) return 'none is left that only its argument stands for';
	return `left: ${open.map(({ name, argument }) => (argument ? `${name} (${argument})` : name)).join(', ')}`;
}

function lineOf(name: string, what: string, seed: string, played: string, by: string): string {
	return `${name.padEnd(44)} ${seed.padEnd(12)} ${played.padStart(7)}  ${by.slice(0, 120) || what}`;
}
