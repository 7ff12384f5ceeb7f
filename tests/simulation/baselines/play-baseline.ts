import { createActs } from '../acts.ts';
import { checkAgreement } from '../checks/convergence.ts';
import { checkNoDuplicates } from '../checks/no-duplicates.ts';
import { checkNoLoss } from '../checks/no-loss.ts';
import type { Violation } from '../checks/violation.ts';
import { memoryDirectory } from '../directory.ts';
import { createPeople, type People } from '../people.ts';
import { planOf, type SchedulePlan } from '../plan.ts';
import { raceEngines } from '../races.ts';
import { populate, settleForMs, tick } from '../schedule.ts';
import { createWorld, type World } from '../world.ts';
import { writeCount } from '../writes.ts';
import type { Baseline } from './baseline.ts';
import { onePerPair, type Tally } from './tally.ts';

export type BaselineOptions = {
	change?: (plan: SchedulePlan) => SchedulePlan;
	populate?: (world: World, people: People) => Promise<void>;
	/** What people do while it lasts, in the place of the usual acts and of edits that race the engine. */
	act?: (world: World, people: People) => () => Promise<void>;
};

/**
 * Plays the schedule of one seed with another engine in the product's place: the same channels, clocks, faults, kills and
 * people. What people do in the product's own screens (resolve, undo) has no counterpart there and is left out.
 */
export async function playBaseline(seed: number, baseline: Baseline, options: BaselineOptions = {}): Promise<Tally> {
	const drawn = oneLinkARecord(planOf(seed));
	const plan = options.change ? options.change(drawn) : drawn;
	const world = await createWorld(plan, { openDirectory: memoryDirectory, baseline });
	const people = createPeople(world);
	await (options.populate ?? populate)(world, people);
	const given = world.ledger.count();
	let editing = true;
	if (!options.act) raceEngines(world, people, () => editing);
	const act = (options.act ?? createActs)(world, people);
	await whilePeopleWork(world, people, async () => {
		if (editing) await act();
	});
	editing = false;
	await settle(world, people);
	const before = await writeCount(world);
	await world.timeline.run(world.timeline.nowMs() + plan.intervalMs * plan.idleCycles);
	const after = await writeCount(world);
	const loss = await checkNoLoss(world);
	const doubles = await checkNoDuplicates(world, people);
	const differing = await unequal(world, people);
	return {
		seed,
		edits: world.ledger.count() - given,
		kills: world.counts.kills,
		faults: [...world.faults.counts().values()].reduce((sum, count) => sum + count, 0),
		lost: loss.violations.length + loss.lostWithoutPrecondition,
		lostBlind: loss.lostWithoutPrecondition,
		doubled: doubles.length,
		idleWrites: after.total - before.total + (after.revisions - before.revisions),
		unequal: differing.length,
		violations: [...loss.violations, ...doubles, ...differing]
	};
}

/** The other engines know one link of a record to a channel. */
export function oneLinkARecord(plan: SchedulePlan): SchedulePlan {
	return { ...plan, channels: plan.channels.map((channel) => ({ ...channel, allowSecondary: false })) };
}

async function whilePeopleWork(world: World, people: People, act: () => Promise<void>): Promise<void> {
	const { plan, timeline, random, channels } = world;
	for (const channel of channels) for (const entity of channel.plan.entities) tick(world, channel, entity);
	const next = () =>
		timeline.after(-Math.log(1 - random.number()) * plan.thinkMs, null, async () => {
			await act();
			next();
		});
	next();
	const startedMs = timeline.nowMs();
	for (const channel of channels.filter((each) => each.plan.restored)) {
		timeline.after(random.between(30_000, plan.lastingMs), null, () => {
			people.restore(channel, Math.max(startedMs + 1, timeline.nowMs() - random.between(5_000, 60_000)));
		});
	}
	await timeline.run(startedMs + plan.lastingMs);
}

/** The faults are over, dead channels answer again, set-aside work is started again: as much time as the product gets. */
async function settle(world: World, people: People): Promise<void> {
	const { timeline, plan, channels, faults } = world;
	faults.stop();
	for (const channel of channels) channel.dead = null;
	await timeline.run(timeline.nowMs() + 14_000 + plan.intervalMs * 2.5);
	world.calmSince = world.nowIso();
	const untilMs = timeline.nowMs() + settleForMs;
	do {
		world.baseline?.tidyUp();
		await timeline.run(timeline.nowMs() + plan.intervalMs * 4);
	} while (timeline.nowMs() < untilMs && (world.baseline?.busy() || (await unequal(world, people)).length > 0));
}

async function unequal(world: World, people: People): Promise<Violation[]> {
	return onePerPair(await checkAgreement(world, people));
}
