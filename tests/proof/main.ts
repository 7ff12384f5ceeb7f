// npm run proof -- [--seeds N]: plays N schedules and writes docs/proof.md from what came of them.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { playSeeds } from '../simulation/farm.ts';
import { killingSeeds, mutants } from '../simulation/mutants.ts';
import { remedies } from '../simulation/remedies.ts';
import { createSummary } from '../simulation/summary.ts';
import { faultModel, invariants, notPromised } from './words.ts';

const file = path.join(import.meta.dirname, '../../docs/proof.md');
const { values } = parseArgs({ options: { seeds: { type: 'string', default: '5000' } } });
const count = Number(values.seeds);
if (!Number.isInteger(count) || count < 1) throw new Error('--seeds must be a whole number');

const summary = createSummary();
await playSeeds({
	seeds: Array.from({ length: count }, (_, index) => index + 1),
	onPlayed(played) {
		summary.add(played);
		for (const { invariant, what } of played.violations) console.error(`seed ${played.seed}: ${invariant}: ${what}`);
	}
});
const config = await resolveConfig(file);
writeFileSync(file, await format(page(), { ...config, parser: 'markdown' }));
console.log(`${summary.text()}\nwritten to docs/proof.md`);
process.exitCode = summary.failed() > 0 ? 1 : 0;

function page(): string {
	return [
		'# What is proved, and how',
		'Written by `npm run proof`; change `tests/proof`, not this file. The simulator (`npm run simulate`) runs the production engine, the same `createEngine` as in production, on ports that all go through one scheduler and one seed. Time is virtual. The database is the in-memory store, which a suite of its own holds equal to PostgreSQL.',
		'## Promises',
		table(
			['id', 'promise', 'read off'],
			invariants.map(({ id, promise, seenIn }) => [id, promise, seenIn])
		),
		'## What goes wrong meanwhile',
		list(faultModel),
		'## What is not promised',
		list(notPromised),
		'## Schedules played',
		results(),
		'## Each remedy matters',
		`Each of these ${remedies.length} safety rules can be taken out of the code at its one place, in tests only, by changing the source as it is loaded. \`npm run simulate -- --mutants\` plays schedules until one breaks a promise; the seed that did it is played again by every test run.`,
		mutantTable()
	].join('\n\n');
}

function results(): string {
	const result = summary.result();
	const bound =
		result.rateBelow === null
			? `**${result.violations} of them broke a promise.**`
			: `None broke a promise, so with 95 % confidence fewer than ${result.rateBelow.toExponential(1)} of all schedules do (0 in n means less than 3/n). That is no claim that there is no defect.`;
	const rows = (['edits', 'faults', 'kills', 'stalls', 'pushes', 'pulls', 'creates'] as const).map((name) => [
		name,
		String((result as unknown as Record<string, number>)[name]),
		String(result.median[name])
	]);
	const blind = `Edits overwritten at channels without a precondition (class B): ${result.lostWithoutPrecondition}.`;
	return [
		`${result.seeds} schedules, ${result.virtualHours} hours of virtual time. ${bound}`,
		table(['', 'in all', 'median schedule'], rows),
		blind
	].join('\n\n');
}

function mutantTable(): string {
	const seeds = killingSeeds();
	const does = (name: string) => remedies.find((remedy) => remedy.name === name)?.does ?? '';
	return table(
		['without', 'what is left out', 'first schedule that breaks a promise'],
		mutants.map(({ name, kind, argument }) => {
			const seed = seeds[name];
			return [
				name,
				kind === 'planted' ? 'planted bug' : does(name),
				seed === undefined ? (argument ?? 'none found yet') : String(seed)
			];
		})
	);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function list(items: readonly string[]): string {
	return items.map((item) => `- ${item}`).join('\n');
}
