import { expect, test } from 'vitest';
import { memoryDirectory, type Directory } from './directory.ts';
import { fairPlan, playScript, rowsAtEnd, type Ending } from './fair-script.ts';
import type { SchedulePlan } from './plan.ts';
import { playSchedule } from './schedule.ts';

const fairSeeds = Array.from({ length: 14 }, (_, index) => index + 1);
const foulSeeds = Array.from({ length: 6 }, (_, index) => 101 + index);
const dayMs = 86_400_000;

const shifted = (plan: SchedulePlan, days: number): SchedulePlan => {
	const by = (skewMs: number) => skewMs + days * dayMs;
	const { engines, database, channels } = plan.skews;
	return { ...plan, skews: { engines: engines.map(by), database: by(database), channels: channels.map(by) } };
};

const mustNotMatter: readonly (readonly [string, (plan: SchedulePlan) => SchedulePlan])[] = [
	['a clock past the end of the year', (plan) => shifted(plan, 40)],
	['a clock of last year', (plan) => shifted(plan, -400)],
	['how many engines there are', (plan) => ({ ...plan, replicas: plan.replicas === 1 ? 4 : 1 })],
	['how long pages are', (plan) => everyChannel(plan, ({ pageSize = 3 }) => ({ pageSize: pageSize > 3 ? 1 : 50 }))],
	['which channel comes first', (plan) => ({ ...plan, channels: plan.channels.toReversed() })],
	[
		'in which order fields are named',
		(plan) =>
			everyChannel(plan, ({ entities = {} }) => ({
				entities: Object.fromEntries(Object.entries(entities).map(([entity, fields]) => [entity, fields.toReversed()]))
			}))
	]
];

test('I12: values, winners and what is asked do not depend on what must not matter', async () => {
	const told: Ending[] = [];
	for (const seed of fairSeeds) {
		const plan = fairPlan(seed);
		const usual = await playScript(plan);
		told.push(usual);
		for (const [what, change] of mustNotMatter)
			expect(await playScript(change(plan)), `seed ${seed}: ${what}`).toEqual(usual);
	}
	const conflicts = told.flatMap(({ conflicts: all }) => all as string[]);
	for (const rule of ['newest-wins', 'internal-wins', 'external-wins', 'ask'])
		expect(conflicts.filter((conflict) => conflict.includes(`, ${rule}`)).length, rule).toBeGreaterThan(2);
}, 60_000);

test('I12: every clock put forward alike, past the end of the year, leaves a schedule with all its faults as it is', async () => {
	let decidedByTime = 0;
	for (const seed of foulSeeds) {
		const usual = await playShifted(seed, 0);
		expect(usual.violations, `seed ${seed}`).toEqual([]);
		expect(await playShifted(seed, 40), `seed ${seed}`).toEqual(usual);
		decidedByTime += usual.rows.conflicts.filter(({ rule }) => rule === 'newest-wins').length;
	}
	expect(decidedByTime).toBeGreaterThan(5);
}, 60_000);

/** A seed's schedule where the newer edit wins and every stamp tells. */
async function playShifted(seed: number, days: number) {
	const opened: Directory[] = [];
	const outcome = await playSchedule(seed, {
		openDirectory: (nowMicros) => {
			const directory = memoryDirectory(nowMicros);
			opened.push(directory);
			return directory;
		},
		change: (plan) =>
			shifted(
				everyChannel(
					{ ...plan, channels: plan.channels.map((channel) => ({ ...channel, conflict: 'newest-wins' })) },
					() => ({ stampResolutionMs: 1, nullStamps: false, stampCovers: 'all' })
				),
				days
			)
	});
	const [directory] = opened;
	if (!directory) throw new Error('no directory was opened');
	return { ...outcome, rows: await rowsAtEnd(directory) };
}

function everyChannel(
	plan: SchedulePlan,
	change: (options: SchedulePlan['channels'][number]['options']) => Partial<SchedulePlan['channels'][number]['options']>
): SchedulePlan {
	return {
		...plan,
		channels: plan.channels.map((channel) => ({
			...channel,
			options: { ...channel.options, ...change(channel.options) }
		}))
	};
}
