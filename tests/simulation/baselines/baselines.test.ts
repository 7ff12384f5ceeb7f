import { expect, test } from 'vitest';
import { faultKinds } from '../fault-kinds.ts';
import type { Rates } from '../faults.ts';
import type { People } from '../people.ts';
import type { SchedulePlan } from '../plan.ts';
import { look } from '../schedule.ts';
import type { World } from '../world.ts';
import { jobPerRecord } from './job-per-record.ts';
import { newerWins } from './newer-wins.ts';
import { playBaseline } from './play-baseline.ts';
import type { Tally } from './tally.ts';

const seeds = Array.from({ length: 12 }, (_, index) => index + 8);
const minuteMs = 60_000;

/** Nothing fails, every clock is right, stamps are fine and cover everything. */
function fairWeather(plan: SchedulePlan): SchedulePlan {
	return {
		...plan,
		lastingMs: 5 * minuteMs,
		thinkMs: 20_000,
		skews: { engines: [0], database: 0, channels: plan.channels.map(() => 0) },
		rates: Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Rates,
		channels: plan.channels.map((channel) => ({
			...channel,
			dead: null,
			restored: false,
			lateCommitMs: 0,
			options: {
				...channel.options,
				stampResolutionMs: 0.001,
				stampCovers: 'all',
				nullStamps: false,
				listLagMs: 0
			}
		}))
	};
}

/** Records that are linked to one which says the same. */
async function equalRecords(world: World, people: People): Promise<void> {
	for (const channel of world.channels)
		for (const entity of channel.plan.entities)
			for (let count = 0; count < world.plan.records; count++) {
				const id = await people.addInternal(entity);
				const record = await world.directory.read(entity, id);
				const externalId = people.addExternal(channel, entity, record?.fields);
				await look(world, channel, entity, externalId);
				await people.link(channel, entity, id, externalId);
			}
}

/** One edit or one new record at a time, on one side, and a minute until the next. */
function unhurriedly(world: World, people: People) {
	const { random, timeline, directory, channels } = world;
	let freeAt = 0;
	return async () => {
		if (timeline.nowMs() < freeAt) return;
		freeAt = timeline.nowMs() + minuteMs;
		const channel = random.pick(channels);
		const entity = random.pick(channel.plan.entities);
		const what = random.pick(['internal', 'external', 'internal', 'external', 'new here', 'new there'] as const);
		if (what === 'new here') await people.addInternal(entity);
		else if (what === 'new there') people.addExternal(channel, entity);
		else if (what === 'internal')
			await people.editInternal(entity, random.pick(await directory.all(entity)).id, people.newValues(entity));
		else {
			const { id } = random.pick(channel.memory.records(entity));
			people.editExternal(channel, entity, id, people.newValues(entity));
		}
	};
}

const sum = (tallies: readonly Tally[], measure: 'edits' | 'lost' | 'doubled' | 'kills') =>
	tallies.reduce((total, each) => total + each[measure], 0);

test.each([
	['the rule of the seed document', newerWins],
	['a job for each record', jobPerRecord]
] as const)(
	'%s: sound in fair weather, and loses edits and doubles records in foul weather',
	async (_, baseline) => {
		const fair: Tally[] = [];
		const foul: Tally[] = [];
		for (const seed of seeds) {
			fair.push(await playBaseline(seed, baseline, { change: fairWeather, populate: equalRecords, act: unhurriedly }));
			foul.push(await playBaseline(seed, baseline));
		}
		expect(fair.flatMap(({ seed, violations }) => violations.map(({ what }) => `seed ${seed}: ${what}`))).toEqual([]);
		expect(sum(fair, 'edits')).toBeGreaterThan(10);
		expect(fair.filter(({ idleWrites }) => idleWrites > 0)).toEqual([]);
		expect(sum(foul, 'lost')).toBeGreaterThan(0);
		expect(sum(foul, 'doubled')).toBeGreaterThan(0);
		expect(sum(foul, 'kills')).toBeGreaterThan(0);
		const again = await playBaseline(seeds[2] ?? 0, baseline);
		expect(again).toEqual(foul[2]);
	},
	120_000
);
