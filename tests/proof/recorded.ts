import { type Comparison, type Contender, type Measure } from './compare.ts';
import type { Figures, Recorded, readFigures } from './figures.ts';
import { grouped, seconds, table } from './markdown.ts';

type Known = ReturnType<typeof readFigures>;

/** What was typed, when and at which commit; or that nobody has. */
function source(recorded: Recorded<keyof Figures> | undefined, command: string): string {
	if (!recorded) return `**There is no figure yet.** \`${command} --record\` makes one.`;
	const changed = recorded.commit.endsWith('+') ? ' with changes on top' : '';
	return `\`${recorded.command}\`, ${recorded.date}, commit ${recorded.commit.replace('+', '')}${changed}.`;
}

function verdict(violations: unknown, what: string): string {
	return violations === 0 ? `${what}: **none**.` : `${what}: **${grouped(violations)}**. This is not mended yet.`;
}

/** Schedules played on a real database and in memory, call by call. */
export function onPostgres({ postgres }: Known): string {
	const from = source(postgres, 'npm run simulate -- --postgres --seeds 5000');
	if (!postgres) return from;
	const { seeds, violations, edits, faults, kills } = postgres.figures;
	return [
		`${grouped(seeds)} schedules, shortened, played twice: on PostgreSQL and in memory. What the two tell apart, in the arguments or result of any call or in any row at the end, counts as broken. ${grouped(edits)} edits, ${grouped(faults)} faults, ${grouped(kills)} kills.`,
		`${verdict(violations, 'Schedules that broke a promise or told the two apart')} ${bound(seeds, violations)}`,
		from
	].join('\n\n');
}

/** Pairs of calls on a real database, stopped in the middle of one another. */
export function interleaved({ pairs: recorded }: Known): string {
	const from = source(recorded, 'npm run test:store --');
	if (!recorded) return from;
	const { pairs, places, unequal } = recorded.figures;
	return [
		`${grouped(pairs)} pairs of calls to the store, every case of every verb with every other and with itself, on two connections. One is stopped between two of its statements, at each such place in turn (${grouped(places)} in all), until the other is done or waits for it. What the two return and leave must be what one of the two orders gives, or one says that it is to be tried again, and then has changed nothing.`,
		verdict(unequal, 'Pairs that ended otherwise'),
		from
	].join('\n\n');
}

/** 0 in n means less than 3/n. */
function bound(seeds: unknown, violations: unknown): string {
	if (violations !== 0 || typeof seeds !== 'number' || seeds === 0) return '';
	return `With 95 % confidence fewer than ${(3 / seeds).toExponential(1)} of all such schedules do.`;
}

/** The longest run of `npm run simulate` on record. */
export function longestRun({ schedules }: Known): string {
	const from = source(schedules, 'npm run simulate -- --seeds 100000');
	if (!schedules) return `The long run. ${from}`;
	const { seeds, violations, virtualHours } = schedules.figures;
	return `The longest run on record: ${grouped(seeds)} schedules, ${grouped(virtualHours)} hours of virtual time. ${verdict(violations, 'Schedules that broke a promise')} ${bound(seeds, violations)} ${from}`;
}

/** Real processes, killed. */
export function killed({ kills }: Known): string {
	const from = source(kills, 'npm run test:kill -- --kills 1000');
	if (!kills) return from;
	const { figures } = kills;
	const number = (name: string) => grouped(figures[name]);
	const time = (name: string) => seconds(figures[name]);
	const load = typeof figures['loadPerCore'] === 'number' ? figures['loadPerCore'] : 0;
	const busy =
		load > 1
			? ` While it ran, ${load} processes wanted each core of the machine: the times are that machine’s, and too long.`
			: '';
	return [
		`${number('kills')} times kill -9, at random moments: ${number('engineKills')} of engines, ${number('databaseKills')} of PostgreSQL; engines frozen for 5 to 60 s ${number('freezes')} times on top. Meanwhile ${number('edits')} edits on both sides and ${number('creates')} new records; the engines wrote ${number('engineWrites')} times.`,
		verdict(figures['violations'], 'Edits lost, records doubled, pairs that differ and writes when idle'),
		table(
			['from a kill until edits made after it had reached the other side', 'median', '99 of 100', 'longest'],
			[
				['edits, both ways', time('recoveryP50Ms'), time('recoveryP99Ms'), time('recoveryMaxMs')],
				['new records, at a channel whose search lags', time('createP50Ms'), time('createP99Ms'), '']
			]
		),
		`${from}${busy}`
	].join('\n\n');
}

/** A real ERP, raced. */
export function tryton({ tryton: recorded }: Known): string {
	const from = source(recorded, 'npm run test:tryton:long --');
	if (!recorded) return from;
	const { figures } = recorded;
	const rows = Object.entries(figures).map(([name, value]) => [inWords(name), grouped(value)]);
	return [verdict(figures['violations'], 'Edits lost and records doubled'), table(['counted', ''], rows), from].join(
		'\n\n'
	);
}

/** editsOurs -> edits ours */
function inWords(name: string): string {
	return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Replies that were damaged on purpose. */
export function fuzzed({ fuzz }: Known): string {
	const from = source(fuzz, 'npm run fuzz -- --replies 100000');
	if (!fuzz) return from;
	const { figures } = fuzz;
	return [
		`${grouped(figures['replies'])} damaged replies to ${grouped(figures['channels'])} kinds of channels, and ${grouped(figures['engineReplies'])} more to ${grouped(figures['engines'])} whole engines. The dearest call took ${grouped(figures['dearestMs'])} ms of the processor. What a connector’s objects hold grew by ${grouped(figures['heldGrowthMiB'])} MiB at most, its process in the second half of its run by ${grouped(figures['rssGrowthMiB'])} MiB.`,
		verdict(figures['wrong'], 'Crashes, hangs past the deadline and errors nobody caught'),
		from
	].join('\n\n');
}

const measured: readonly { measure: Measure; words: string }[] = [
	{ measure: 'edits', words: 'edits made' },
	{ measure: 'faults', words: 'faults met' },
	{ measure: 'kills', words: 'processes killed' },
	{ measure: 'lost', words: '**edits lost without a trace**' },
	{ measure: 'lostBlind', words: 'of these, at channels of class B' },
	{ measure: 'doubled', words: '**duplicates made**' },
	{ measure: 'idleWrites', words: '**writes while nothing changed**' },
	{ measure: 'unequal', words: 'linked pairs that differ at the end' }
];

/** Three engines side by side. */
export function sideBySide({ comparison, calmComparison }: Known): string {
	return [
		'### As the seeds have it',
		...(comparison ? [compared(comparison.figures)] : []),
		source(comparison, 'npm run proof:compare --'),
		'### The same with right clocks and nothing that fails',
		'People are as busy as ever, often on the same record, and channels are as they are: coarse or late stamps, values rewritten. Nothing else goes wrong.',
		...(calmComparison ? [compared(calmComparison.figures)] : []),
		source(calmComparison, 'npm run proof:compare -- --calm')
	].join('\n\n');
}

function compared({ seeds, totals, schedules }: Comparison): string {
	const columns: readonly Contender[] = ['newerWins', 'jobPerRecord', 'product'];
	const cell = (contender: Contender, measure: Measure) => {
		const total = totals[contender][measure];
		const always = measure === 'edits' || measure === 'faults' || measure === 'kills' || total === 0;
		return always ? grouped(total) : `${grouped(total)} (in ${grouped(schedules[contender][measure])})`;
	};
	return table(
		[
			`${grouped(seeds)} schedules; in brackets: in how many of them`,
			'the newer side wins',
			'a job for each record',
			'this engine'
		],
		measured.map(({ measure, words }) => [words, ...columns.map((contender) => cell(contender, measure))])
	);
}
