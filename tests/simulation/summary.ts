import type { Played } from './farm.ts';
import { emptyCells, faultCells } from './fault-matrix.ts';

const measures = ['edits', 'faults', 'kills', 'stalls', 'pushes', 'pulls', 'creates', 'steps'] as const;
type Measure = (typeof measures)[number];

/** What the median schedule has at least, so that "no violations" means something. */
const lively: Partial<Record<Measure, number>> = { edits: 50, faults: 5, kills: 1, pushes: 10, pulls: 10 };

/** Adds up schedules: totals, medians, violations, and how often each fault befell each call. */
export function createSummary() {
	const startedMs = performance.now();
	const played: Record<Measure, number[]> = {
		edits: [],
		faults: [],
		kills: [],
		stalls: [],
		pushes: [],
		pulls: [],
		creates: [],
		steps: []
	};
	const faultCounts = new Map<string, number>();
	const broken = new Map<string, number>();
	let failed = 0;
	let virtualMs = 0;
	let lostWithoutPrecondition = 0;

	const total = (measure: Measure) => played[measure].reduce((sum, each) => sum + each, 0);
	const median = (measure: Measure) => played[measure].toSorted((a, b) => a - b)[played[measure].length >> 1] ?? 0;
	const seeds = () => played.steps.length;

	function result() {
		return {
			seeds: seeds(),
			violations: failed,
			...Object.fromEntries(measures.map((measure) => [measure, total(measure)])),
			seconds: Math.round((performance.now() - startedMs) / 100) / 10,
			median: Object.fromEntries(measures.map((measure) => [measure, median(measure)])),
			virtualHours: Math.round(virtualMs / 3_600_000),
			lostWithoutPrecondition,
			/** With none in n, the rate is below 3/n with 95 % confidence (rule of three). */
			rateBelow: failed === 0 && seeds() > 0 ? 3 / seeds() : null,
			/** Pairs of a fault and a call that it can befall, and how many of them never came about. */
			cells: { all: faultCells.length, empty: emptyCells(faultCounts).length },
			broken: Object.fromEntries(broken)
		};
	}

	return {
		add(one: Played): void {
			for (const measure of measures) played[measure].push(one[measure]);
			for (const [key, count] of one.faultCounts) faultCounts.set(key, (faultCounts.get(key) ?? 0) + count);
			virtualMs += one.virtualMs;
			lostWithoutPrecondition += one.lostWithoutPrecondition;
			if (one.violations.length > 0) failed += 1;
			for (const invariant of new Set(one.violations.map((each) => each.invariant)))
				broken.set(invariant, (broken.get(invariant) ?? 0) + 1);
		},
		seeds,
		failed: () => failed,
		faultCounts: (): ReadonlyMap<string, number> => faultCounts,
		result,
		/** What there was too little of, in words: in the median schedule, or no fault of a kind at some call in any of them. */
		quiet: (): string[] => [
			...Object.entries(lively)
				.filter(([name, atLeast]) => median(name as Measure) < atLeast)
				.map(([name, atLeast]) => `median ${name} ${median(name as Measure)}, at least ${atLeast}`),
			...emptyCells(faultCounts).map((cell) => `no ${cell}`)
		],
		text(): string {
			const { violations, seconds, rateBelow } = result();
			const lines = measures.map(
				(name) => `${name.padEnd(10)} ${String(total(name)).padStart(12)}   median ${median(name)}`
			);
			const bound = rateBelow === null ? '' : ` (rate below ${rateBelow.toExponential(1)} with 95 % confidence)`;
			return [...lines, `${seeds()} seeds, ${violations} with violations${bound}, ${seconds} s`].join('\n');
		}
	};
}
