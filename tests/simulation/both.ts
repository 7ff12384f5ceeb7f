import { firstDifference, stable } from '../store/dump.ts';
import type { VirtualClockDatabase } from '../store/virtual-clock-database.ts';
import { memoryDirectory, type Directory, type Rows } from './directory.ts';
import type { SchedulePlan } from './plan.ts';
import { postgresDirectory } from './postgres-directory.ts';
import { playSchedule, type Outcome } from './schedule.ts';

/** A schedule short enough for a real database: everything at once for some twenty seconds, on few records. */
export function shortPlan(plan: SchedulePlan): SchedulePlan {
	return {
		...plan,
		channels: plan.channels.slice(0, plan.seed % 3 === 0 ? 2 : 1),
		lastingMs: plan.lastingMs / 6,
		thinkMs: plan.thinkMs / 4,
		intervalMs: 5_000,
		idleCycles: 1,
		records: Math.min(plan.records, 3)
	};
}

/**
 * Plays the schedule of one seed twice: on PostgreSQL and in memory. What they tell apart - the arguments or the result of any call, a
 * value a person entered, a row that is there at the end - is a violation of its own. The outcome is PostgreSQL's.
 */
export async function playOnBoth(seed: number, database: VirtualClockDatabase): Promise<Outcome> {
	const memory = await play(seed, async (nowMicros) => memoryDirectory(nowMicros));
	const postgres = await play(seed, (nowMicros) => postgresDirectory(database, nowMicros));
	const what = differenceOf(memory.told, postgres.told);
	const unequal = what === null ? [] : [{ invariant: 'equality', what }];
	return { ...postgres.outcome, violations: [...postgres.outcome.violations, ...unequal] };
}

/** What a schedule told: each call with arguments and result, and the rows at its end. */
export type Told = { lines: readonly string[]; rows: Readonly<Record<string, readonly Record<string, unknown>[]>> };

type Played = { outcome: Outcome; told: Told };

async function play(seed: number, open: (nowMicros: () => bigint) => Promise<Directory>): Promise<Played> {
	const lines: string[] = [];
	let opened: Directory | null = null;
	const outcome = await playSchedule(seed, {
		openDirectory: async (nowMicros) => (opened = await open(nowMicros)),
		fullTrace: true,
		print: (line) => lines.push(line),
		change: shortPlan
	});
	if (!opened) throw new Error('no directory was opened');
	return { outcome, told: { lines, rows: await allRows(opened) } };
}

const tables = [
	'conflicts',
	'decisions',
	'history',
	'holds',
	'intents',
	'runs',
	'suggestions',
	'seen'
] as const satisfies readonly (keyof Rows)[];

async function allRows(directory: Directory): Promise<Told['rows']> {
	const rows: Record<string, Record<string, unknown>[]> = {};
	for (const name of tables) rows[name] = inOrder(await directory.rows(name));
	for (const entity of ['product', 'business-partner']) {
		rows[`${entity} links`] = inOrder(await directory.links(entity));
		rows[`${entity} records`] = inOrder(await directory.all(entity));
	}
	return rows;
}

function inOrder(rows: readonly object[]): Record<string, unknown>[] {
	const keyed = rows.map((row) => ({ row: { ...row }, key: stable(row) }));
	return keyed.sort((one, other) => (one.key < other.key ? -1 : 1)).map(({ row }) => row);
}

/** The first place in which the two tell something else, in words; null where there is none. */
export function differenceOf(memory: Told, postgres: Told): string | null {
	for (let call = 0; call < Math.max(memory.lines.length, postgres.lines.length); call++) {
		const [ours = 'nothing', theirs = 'nothing'] = [memory.lines[call], postgres.lines[call]];
		if (ours !== theirs) return `call ${call}\n  memory     ${ours}\n  PostgreSQL ${theirs}`;
	}
	return firstDifference(memory.rows, postgres.rows, ['memory', 'PostgreSQL']);
}
