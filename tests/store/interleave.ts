import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { isRetryable, sqlState } from '#src/store/postgres-error.ts';
import { createPeopleStore } from '#src/store/people.ts';
import { createStore } from '#src/store/store.ts';
import { canonicalLines, isRefusal } from './canonical.ts';
import type { VerbCase } from './cases/verb-case.ts';
import { prepareDump, type Dump } from './dump.ts';
import { prepareFixture } from './fixture.ts';
import { openGatedConnection, type GatedConnection } from './gated-connection.ts';
import { openVirtualClockDatabase } from './virtual-clock-database.ts';

export type PairReport = {
	/** Places at which one call was stopped while the other one ran. */
	interleavings: number;
	/** Each says what nobody could have seen with the two calls one after the other. */
	failures: string[];
};

/** A database with the fixture and two connections to it. */
export type Stage = {
	/** Runs `one` and `other` in every interleaving with `one` or `other` stopped once. */
	check(one: VerbCase, other: VerbCase): Promise<PairReport>;
	close(): Promise<void>;
};

/** What the calls returned, one's first, and what they left behind. */
type Outcome = { results: readonly unknown[]; dump: Dump };

type Side = { connection: GatedConnection; run(verbCase: VerbCase): Promise<unknown> };

const pollMs = 1;
const clocks = ['2026-06-01 12:00:03.000111+00', '2026-06-01 12:00:03.000222+00'] as const;

/** Opens a stage on a PostgreSQL where we are superuser. */
export async function openStage(serverUrl: string): Promise<Stage> {
	const database = await openVirtualClockDatabase(serverUrl);
	await database.db.execute(
		sql.raw(`alter database "${new URL(database.url).pathname.slice(1)}" set deadlock_timeout = '5ms'`)
	);
	const fixture = await prepareFixture(database);
	await fixture.restore();
	const whole = await (await prepareDump(database.db))();
	const dump = await prepareDump(database.db, { since: fixture.restored, dump: whole });
	const sides = [await openSide(database.url, clocks[0]), await openSide(database.url, clocks[1])] as const;

	const outcome = async (work: (sides: readonly [Side, Side]) => Promise<readonly unknown[]>): Promise<Outcome> => {
		await fixture.restore();
		return { results: await work(sides), dump: await dump() };
	};
	const isBlocked = async (pid: number) => {
		const [row] = await database.db.execute<{ blocked: boolean }>(
			sql`select pg_blocking_pids(${pid}::int) <> '{}' as blocked`
		);
		return row?.blocked === true;
	};

	return {
		async check(one, other) {
			const cases = [one, other] as const;
			const serial = [
				await outcome(async ([a, b]) => [await a.run(one), await b.run(other)]),
				await outcome(async ([a, b]) => {
					const second = await b.run(other);
					return [await a.run(one), second];
				})
			];
			const alone = (which: 0 | 1) => outcome(async (both) => [await both[which].run(cases[which])]);
			const report: PairReport = { interleavings: 0, failures: [] };
			for (const stopped of one === other ? ([0] as const) : ([0, 1] as const)) {
				for (let statements = 1; ; statements++) {
					let reached = true;
					const seen = await outcome(async (both) => {
						const held = await runHeld(both, cases, stopped, statements, isBlocked);
						reached = held.reached;
						return held.results;
					});
					if (!reached) break;
					report.interleavings++;
					const again = async (which: 0 | 1) => {
						await sides[which].run(cases[which]);
						return { results: [], dump: await dump() };
					};
					const wrong = await judge(seen, serial, cases, alone, again);
					if (wrong === null) continue;
					report.failures.push(
						`${cases[stopped].name}, stopped after ${statements} statements for ${cases[1 - stopped]?.name}:\n${wrong}`
					);
				}
			}
			return report;
		},
		async close() {
			for (const { connection } of sides) await connection.close();
			await fixture.close();
			await database.close();
		}
	};
}

async function openSide(url: string, now: string): Promise<Side> {
	const connection = await openGatedConnection(url, now, 'interleaved');
	const stores = { db: connection.db, store: createStore(connection.db), people: createPeopleStore(connection.db) };
	return {
		connection,
		run: async (verbCase) => {
			try {
				return await verbCase.run(stores);
			} catch (error) {
				const state = sqlState(error);
				if (state === null) throw error;
				return isRetryable(error) ? { retryable: state } : { error: state };
			}
		}
	};
}

/** Stops one side once, lets the other one run until it is done or waits for a lock, then lets both end. */
async function runHeld(
	sides: readonly [Side, Side],
	cases: readonly [VerbCase, VerbCase],
	stopped: 0 | 1,
	statements: number,
	isBlocked: (pid: number) => Promise<boolean>
): Promise<{ reached: boolean; results: readonly unknown[] }> {
	const [held, free] = stopped === 0 ? sides : [sides[1], sides[0]];
	const [heldCase, freeCase] = stopped === 0 ? cases : [cases[1], cases[0]];
	const gate = held.connection.holdAfter(statements);
	const first = held.run(heldCase);
	const reached = await Promise.race([gate.reached.then(() => true), first.then(() => false)]);
	if (!reached) {
		gate.release();
		return { reached, results: [await first] };
	}
	let done = false;
	const second = free.run(freeCase).finally(() => (done = true));
	for (;;) {
		await Promise.race([second, sleep(pollMs)]);
		if (done || (await isBlocked(free.connection.pid))) break;
	}
	gate.release();
	const results = await Promise.all([first, second]);
	return { reached, results: stopped === 0 ? results : [results[1], results[0]] };
}

/** Verbs that leave what somebody holds to their next call. */
const skipLocked = ['claimLinks', 'claimIntents', 'drainOutbox'];

const known = new WeakMap<Outcome, string[]>();
/** The two serial outcomes are compared with every interleaving. */
function linesOf(outcome: Outcome): string[] {
	const lines = known.get(outcome) ?? canonicalLines(outcome.results, outcome.dump);
	known.set(outcome, lines);
	return lines;
}
const tablesOf = ({ dump }: Outcome) => canonicalLines([], dump);

/**
 * Null where `seen` is one of the serial outcomes, or one that is declared: a call that says "try again" (serialization
 * failure, deadlock, a person's `stale`) and changed nothing; a row left to the next call because it was held.
 */
async function judge(
	seen: Outcome,
	serial: readonly Outcome[],
	cases: readonly [VerbCase, VerbCase],
	alone: (which: 0 | 1) => Promise<Outcome>,
	again: (which: 0 | 1) => Promise<Outcome>
): Promise<string | null> {
	const lines = linesOf(seen);
	const differences = serial.map((each) => differencesOf(lines, linesOf(each)));
	if (differences.some((each) => each.length === 0)) return null;
	for (const which of [0, 1] as const) {
		if (skipLocked.includes(cases[which].verb)) {
			const later = tablesOf(await again(which));
			if (serial.some((each) => differencesOf(later, tablesOf(each)).length === 0)) return null;
		}
		if (saysTryAgain(seen.results[which])) {
			const other = (1 - which) as 0 | 1;
			const expected = linesOf(await alone(other));
			if (differencesOf(linesOf({ ...seen, results: [seen.results[other]] }), expected).length === 0) return null;
		}
	}
	const nearest = differences.reduce((best, each) => (each.length < best.length ? each : best));
	const order = nearest === differences[0] ? 'the first before the second' : 'the second before the first';
	return `nearest serial order: ${order}\n${nearest.slice(0, 24).join('\n')}`;
}

function saysTryAgain(result: unknown): boolean {
	if (typeof result !== 'object' || result === null) return false;
	return 'retryable' in result || (isRefusal(result) && 'kind' in result && result.kind === 'stale');
}

function differencesOf(seen: readonly string[], expected: readonly string[]): string[] {
	return [
		...seen.filter((line) => !expected.includes(line)).map((line) => `  + ${line}`),
		...expected.filter((line) => !seen.includes(line)).map((line) => `  - ${line}`)
	];
}
