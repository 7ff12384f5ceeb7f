import { killingSeeds, mutants } from '../simulation/mutants.ts';
import { remedies } from '../simulation/remedies.ts';
import type { createSummary } from '../simulation/summary.ts';
import type { readFigures } from './figures.ts';
import { grouped, list, table } from './markdown.ts';
import { fuzzed, killed, longestRun, interleaved, onPostgres, sideBySide, tryton } from './recorded.ts';
import { classes, faultModel, invariants, limits, notPromised } from './words.ts';

/** What the schedules played for this page showed, and which of them broke what. */
export type Shown = {
	result: ReturnType<ReturnType<typeof createSummary>['result']>;
	broken: readonly { seed: number; invariant: string; what: string }[];
	command: string;
};

/** The page, in markdown. */
export function page(shown: Shown, figures: ReturnType<typeof readFigures>): string {
	return [
		'# What is proved, and how',
		'Written by `npm run proof`; change `tests/proof`, not this file. It is for a reader who does not believe us: what is promised, what went wrong while we looked, where the promise ends, and how to repeat each figure.',
		'The simulator (`npm run simulate`) runs the production engine, the same `createEngine` as in production, on ports that all go through one scheduler and one seed. Time is virtual. The checkers judge by what people did and by what the channels wrote down themselves; of the engine’s own tables they read what it tells people (open and settled conflicts, what it created, which links it set aside), and for I14 its journal.',
		'## Promises',
		table(
			['id', 'promise', 'read off'],
			invariants.map(({ id, promise, seenIn }) => [id, promise, seenIn])
		),
		'## What goes wrong meanwhile',
		list(faultModel),
		'## Where the promise ends',
		table(
			['class of channel', 'what guards a write there', 'such as', 'promised', 'not promised'],
			classes.map(({ name, guard, examples, promised, not }) => [name, guard, examples, promised, not])
		),
		'And at every channel:',
		list(notPromised),
		'## Schedules played',
		played(shown),
		longestRun(figures),
		'## The same on PostgreSQL',
		onPostgres(figures),
		'## Two calls at once',
		interleaved(figures),
		'## Each remedy matters',
		remediesInWords(),
		mutantTable(),
		'## Real processes, killed',
		'Two engines, a fault proxy before the demo ERP, a PostgreSQL and 10,000 linked records under edits from both sides. The next kill comes only once the last one is recovered from. The checkers read what people did and what both sides hold.',
		killed(figures),
		'## A real ERP',
		'Tryton, its own API, people who edit the same products on both sides; the engine and Tryton killed, answers dropped on the way.',
		tryton(figures),
		'## Damaged replies',
		'What a channel answers is cut, swollen, nested, retyped, sent for ever. Each reply must end as a value or as an error that the engine knows.',
		fuzzed(figures),
		'## Side by side',
		beside,
		sideBySide(figures),
		'## What this page cannot show',
		list(limits),
		'## How to repeat it',
		repeat(shown)
	].join('\n\n');
}

const beside = [
	'Two other engines play the same seeds in this engine’s place: the same channels, clocks, kinds and rates of faults, kills, the same people at work, the same judges (`tests/simulation/baselines`). Both are written as a competent reader would write them, and are sound in fair weather: with right clocks, fine stamps and one edit at a time they end with both sides equal, nothing lost, nothing doubled (a test holds them to it).',
	list([
		'**The newer side wins**: the process of the document that this product was born from, taken at its word. Fetch what is linked, compare the two `updated_at`, let the newer side overwrite the other, create what is new. Kinder than its word: one task at a time, calls tried three times, sides that agree left alone, only the fields that differ written.',
		'**A job for each record**: the pattern of the OCA connectors for Odoo, after the exporter and importer of connector-magento 10.0. `sync_date` beside each link; an edit queues an export of the fields it named; an import is left out where the channel’s `updated_at` is older than `sync_date`. Locks, retries and recovered jobs as there. Kinder than the original: the checkpoint is the newest stamp seen, and what is gone at a channel is not made there again.'
	]),
	'People react to what they see, so that no two engines meet exactly the same edits. An edit is lost when its value is nowhere, nobody who saw it replaced it, and nothing told anybody. That goes for values that stood on one side only when two differing records were linked, too. A duplicate is a second record at a channel for one of ours, or a record of ours made from what we had created there ourselves, or twice from the same one.'
].join('\n\n');

function played({ result, broken, command }: Shown): string {
	const verdict =
		result.rateBelow === null
			? `**${grouped(result.violations)} of them broke a promise.** That is a defect which is not mended yet:`
			: `None broke a promise, so with 95 % confidence fewer than ${result.rateBelow.toExponential(1)} of all schedules do (0 in n means less than 3/n). That is no claim that there is no defect.`;
	const rows = (['edits', 'faults', 'kills', 'stalls', 'pushes', 'pulls', 'creates'] as const).map((name) => [
		name,
		grouped((result as unknown as Record<string, number>)[name]),
		grouped(result.median[name])
	]);
	const { all, empty } = result.cells;
	return [
		`${grouped(result.seeds)} schedules, ${grouped(result.virtualHours)} hours of virtual time (\`${command}\`). ${verdict}`,
		...(broken.length > 0 ? [list(broken.map(({ seed, invariant }) => `seed ${seed} breaks ${invariant}`))] : []),
		table(['', 'in all', 'median schedule'], rows),
		`${all - empty} of ${all} pairs of a fault and a call that it can befall came about. Edits overwritten at channels without a precondition (class B): ${grouped(result.lostWithoutPrecondition)}.`
	].join('\n\n');
}

function remediesInWords(): string {
	return `Each of these ${remedies.length} safety rules can be taken out of the code at its one place, in tests only, by changing the source as it is loaded. \`npm run simulate -- --mutants\` plays schedules until one breaks a promise; the seed that did it is played again by every test run. Where no schedule shows a lack, the table says why.`;
}

function mutantTable(): string {
	const seeds = killingSeeds();
	const ruleOf = (without: readonly string[]) => remedies.find(({ name }) => name === without[0]);
	return table(
		['without', 'what is left out', 'first schedule that breaks a promise'],
		mutants.map(({ name, without, kind, argument }) => {
			const seed = seeds[name];
			const left = {
				planted: 'planted bug',
				pair: 'both: each stands in for the other',
				remedy: ruleOf(without)?.does ?? ''
			};
			const test = kind === 'remedy' ? ruleOf(without)?.heldBy : undefined;
			const none = test === undefined ? 'none found yet' : `none found yet; \`${test}\` turns red`;
			return [name, left[kind], seed === undefined ? (argument ?? none) : String(seed)];
		})
	);
}

function repeat({ command }: Shown): string {
	return table(
		['figure', 'command', 'takes'],
		[
			['this page', `\`${command}\``, 'minutes'],
			['schedules', '`npm run simulate -- --seeds 100000 --record`', 'an hour'],
			['one schedule, call by call', '`npm run simulate -- --seed N --trace`', 'seconds'],
			['PostgreSQL', '`npm run simulate -- --postgres --seeds 5000 --record`', '40 minutes'],
			['two calls at once', '`npm run test:store -- --record`', 'hours'],
			['remedies', '`npm run simulate -- --mutants`', 'an hour'],
			['kills', '`npm run test:kill -- --kills 1000 --record`', 'hours'],
			['Tryton', '`npm run test:tryton:long -- --record`', 'an hour'],
			['damaged replies', '`npm run fuzz -- --replies 100000 --record`', 'an hour'],
			['side by side', '`npm run proof:compare -- --record`, and with `--calm`', 'half an hour']
		]
	);
}
