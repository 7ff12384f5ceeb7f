import { fork } from 'node:child_process';
import path from 'node:path';
import type { Tally } from '../simulation/baselines/tally.ts';
import { spread } from '../simulation/farm.ts';

const contenders = ['newerWins', 'jobPerRecord', 'product'] as const;
export type Contender = (typeof contenders)[number];
export type Compared = Record<Contender, Tally>;

const measures = ['edits', 'faults', 'kills', 'lost', 'lostBlind', 'doubled', 'idleWrites', 'unequal'] as const;
export type Measure = (typeof measures)[number];

/** Three engines under the same schedules: each measure in all, and in how many schedules there was any of it. */
export type Comparison = {
	seeds: number;
	totals: Record<Contender, Record<Measure, number>>;
	schedules: Record<Contender, Record<Measure, number>>;
};

/** `foul`: as the seeds have it. `calm`: nothing fails and clocks are right; people are as busy as ever. */
export type Weather = 'foul' | 'calm';

/** Plays the first `count` seeds with each of the three. */
export async function compare(count: number, weather: Weather): Promise<Comparison> {
	const none = () => Object.fromEntries(measures.map((measure) => [measure, 0])) as Record<Measure, number>;
	const each = () => ({ newerWins: none(), jobPerRecord: none(), product: none() });
	const comparison: Comparison = { seeds: 0, totals: each(), schedules: each() };
	await spread<Compared>({
		seeds: Array.from({ length: count }, (_, index) => index + 1),
		start: () =>
			fork(path.join(import.meta.dirname, 'compare-worker.ts'), [], {
				execArgv: ['--disable-warning=ExperimentalWarning']
			}),
		message: (seed) => ({ seed, weather }),
		onAnswer(played) {
			comparison.seeds += 1;
			for (const contender of contenders)
				for (const measure of measures) {
					comparison.totals[contender][measure] += played[contender][measure];
					if (played[contender][measure] > 0) comparison.schedules[contender][measure] += 1;
				}
		}
	});
	return comparison;
}
