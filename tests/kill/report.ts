import type { Violation } from './evidence.ts';

export type KillReport = {
	/** kill -9s of engines and of the database. */
	kills: number;
	violations: number;
	/** From a kill until edits made after it had reached the other side, both ways. */
	recoveryP50Ms: number;
	recoveryP99Ms: number;
	recoveryMaxMs: number;
	engineKills: number;
	databaseKills: number;
	/** Engines frozen for 5 s and longer. */
	freezes: number;
	edits: number;
	creates: number;
	/** From a record made here until the ERP had it; a create whose answer was lost waits out its time to land. */
	createP50Ms: number;
	createP99Ms: number;
	/** Edits of one field on both sides at once. */
	conflicts: number;
	/** Writes of the engine that reached the ERP. */
	engineWrites: number;
	/** What the proxy did to how many requests. */
	faults: Readonly<Record<string, number>>;
	/** Processes that wanted to run, per core, while it was measured (median): above 1 the times above are the machine's. */
	loadPerCore: number;
	seconds: number;
	seed: number;
	found: readonly Violation[];
};

/** The value below which a share of the numbers lies; 0 for none. */
export function percentile(numbers: readonly number[], share: number): number {
	const sorted = numbers.toSorted((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

const shownViolations = 10;

/** What was found, each with its evidence and the seed that repeats it. */
export function describeViolations({ found, seed }: KillReport): string {
	const lines = found
		.slice(0, shownViolations)
		.map(({ invariant, what, evidence }) => `${invariant}: ${what}\n${JSON.stringify(evidence, null, 1)}`);
	const more = found.length > shownViolations ? [`and ${found.length - shownViolations} more`] : [];
	return [...lines, ...more, `seed ${seed}`].join('\n');
}
