import { entityNamed } from '#src/entities/registry.ts';
import { seenOf } from '#src/engine/runs/seen.ts';
import { createActs } from './acts.ts';
import type { SimulatedChannel } from './channel.ts';
import { checkEnd } from './check-end.ts';
import { checkOrphans } from './checks/false-orphans.ts';
import { checkJournalReplays } from './checks/journal-replay.ts';
import { checkFeed, quietNow } from './checks/feed-misses-nothing.ts';
import { checkStuck } from './checks/no-black-holes.ts';
import type { Violation } from './checks/violation.ts';
import { createPeople, type People } from './people.ts';
import { raceEngines, unlinkBehindEngines } from './races.ts';
import { carryOutPlans } from './planned-runs.ts';
import { isStorm, planOf, type SchedulePlan } from './plan.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';
import { unsettled } from './unsettled.ts';
import { epochMs } from './trace.ts';
import { hasWebhooks, sendWebhooks } from './webhooks.ts';
import { writeCount } from './writes.ts';

export type Outcome = {
	seed: number;
	violations: Violation[];
	hash: string;
	edits: number;
	faults: number;
	kills: number;
	stalls: number;
	pushes: number;
	pulls: number;
	creates: number;
	/** Edits lost at channels that have no precondition: their class promises no more than a small number. */
	lostWithoutPrecondition: number;
	/** Writes on either side once nothing changed any more. */
	idleWrites: number;
	steps: number;
	virtualMs: number;
	faultCounts: ReadonlyMap<string, number>;
};

export const settleForMs = 15 * 60_000;

/** Plays the schedule of one seed to its end and checks every invariant. Depends on nothing but the seed. */
export async function playSchedule(
	seed: number,
	options: WorldOptions & { change?: (plan: SchedulePlan) => SchedulePlan }
): Promise<Outcome> {
	const drawn = planOf(seed);
	const plan = options.change ? options.change(drawn) : drawn;
	const world = await createWorld(plan, options);
	const people = createPeople(world);
	await populate(world, people);
	const given = world.ledger.count();
	const { violations, idleWrites } = await phases(world, people);
	const { pushes, pulls, creates } = await writeCount(world);
	const end = await checkEnd(world, people);
	return {
		seed,
		violations: [...violations, ...end.violations],
		hash: world.trace.hash(),
		edits: world.ledger.count() - given,
		faults: [...world.faults.counts().values()].reduce((sum, count) => sum + count, 0),
		kills: world.counts.kills,
		stalls: world.counts.stalls,
		pushes,
		pulls,
		creates,
		lostWithoutPrecondition: end.lostWithoutPrecondition,
		idleWrites,
		steps: world.timeline.steps(),
		virtualMs: world.timeline.nowMs() - epochMs,
		faultCounts: world.faults.counts()
	};
}

/** Records of ours, most of them linked to a record that says the same, some to one that differs. */
export async function populate(world: World, people: People): Promise<void> {
	const { plan, random, directory, channels } = world;
	for (const entity of new Set(channels.flatMap((channel) => channel.plan.entities))) {
		for (let count = 0; count < plan.records; count++) {
			const id = await people.addInternal(entity);
			const record = await directory.read(entity, id);
			for (const channel of channels.filter((each) => each.plan.entities.includes(entity))) {
				if (!record || random.chance(0.1)) continue;
				const like = random.chance(0.9) ? record.fields : { value: record.fields['value'] ?? null };
				const externalId = people.addExternal(channel, entity, like);
				await look(world, channel, entity, externalId);
				await people.link(channel, entity, id, externalId);
			}
		}
	}
}

/** A channel's record as a first listing would show it, so that it can be linked. */
export async function look(world: World, channel: SimulatedChannel, entityName: string, id: string): Promise<void> {
	const entity = entityNamed(entityName);
	const record = channel.memory.record(entityName, id);
	if (!entity || !record) return;
	const { fields, stamp, reference } = record;
	await world.directory.store.recordPage({
		channelId: channel.id,
		entity,
		records: [seenOf(entity, { id, variantId: '', version: null, stamp, fields, reference })],
		complete: false,
		cursor: null,
		run: null
	});
}

async function phases(world: World, people: People): Promise<{ violations: Violation[]; idleWrites: number }> {
	const { plan, timeline, random } = world;
	const act = createActs(world, people);
	let editing = true;
	for (const channel of world.channels) for (const entity of channel.plan.entities) tick(world, channel, entity);
	const next = () =>
		timeline.after(-Math.log(1 - random.number()) * plan.thinkMs, null, async () => {
			if (!editing) return;
			await act();
			next();
		});
	next();
	raceEngines(world, people, () => editing);
	if (isStorm(plan.seed)) unlinkBehindEngines(world, people, () => editing);
	if (hasWebhooks(plan.seed)) {
		await sendWebhooks(world, people, () => editing);
		carryOutPlans(world, () => editing);
	}
	const startedMs = timeline.nowMs();
	for (const channel of world.channels.filter((each) => each.plan.restored)) {
		timeline.after(random.between(30_000, plan.lastingMs), null, () => {
			const backMs = Math.max(startedMs + 1, timeline.nowMs() - random.between(5_000, 60_000));
			people.restore(channel, backMs);
		});
	}
	await timeline.run(startedMs + plan.lastingMs);

	editing = false;
	world.faults.stop();
	world.feedOnly = true;
	// In the thick of it: at the end most of what a link went through is over.
	const untold = await checkJournalReplays(world);
	// What is still on its way, or not yet shown by a listing, comes first.
	await timeline.run(timeline.nowMs() + 14_000);
	const quiet = quietNow(world);
	await timeline.run(timeline.nowMs() + plan.intervalMs * 2.5);
	const missed = [...(await checkFeed(world, people, quiet)), ...(await checkOrphans(world, people))];
	world.feedOnly = false;
	world.calmSince = world.nowIso();
	const isolated = await settleOthers(world, people);
	for (const channel of world.channels) channel.dead = null;
	const stuck = await checkStuck(world, people);
	await settle(world, people);
	const before = await writeCount(world);
	await timeline.run(timeline.nowMs() + plan.intervalMs * plan.idleCycles);
	const after = await writeCount(world);
	const idleWrites = after.total - before.total + (after.revisions - before.revisions);
	const idle: Violation[] =
		idleWrites > 0 ? [{ invariant: 'I4', what: `${idleWrites} writes although nothing changed any more` }] : [];
	return { violations: [...untold, ...missed, ...isolated, ...stuck, ...idle], idleWrites };
}

/** One channel and entity is looked at again and again by whichever engine gets to it; at times the tick is lost. */
export function tick(world: World, channel: SimulatedChannel, entity: string): void {
	const { plan, random, timeline, replicas } = world;
	let count = random.int(6);
	const again = () => {
		count += 1;
		const every = world.calmSince === null ? 6 : 2;
		const replica = replicas.length > 0 ? random.pick(replicas) : null;
		const mode = count % every === 0 && !world.feedOnly ? 'full' : 'incremental';
		if (replica && replica.frozenUntilMs <= timeline.nowMs())
			replica.engine.requestRun({ channelId: channel.id, entity, mode, startedBy: 'schedule' }).catch(() => undefined);
		timeline.after(plan.intervalMs * random.between(0.9, 1.1), null, again);
	};
	timeline.after(random.between(0, plan.intervalMs), null, again);
}

/** I9: while one channel is dead, the links of the others settle as if it were not there. */
async function settleOthers(world: World, people: People): Promise<Violation[]> {
	if (!world.channels.some(({ dead }) => dead !== null)) return [];
	const living = world.channels.filter(({ dead }) => dead === null).map(({ id }) => id);
	await settle(world, people, living);
	const open = await unsettled(world, people, living);
	return open.map((what) => ({ invariant: 'I9', what: `beside a dead channel: ${what}` }));
}

/** People resolve what is asked, faults are over: runs go on until every link agrees, at most a quarter of an hour. */
async function settle(world: World, people: People, only: readonly string[] | null = null): Promise<void> {
	const { timeline, plan } = world;
	const untilMs = timeline.nowMs() + settleForMs;
	while (timeline.nowMs() < untilMs) {
		await timeline.run(timeline.nowMs() + plan.intervalMs * 1.5);
		await tidyUp(world, people);
		if ((await unsettled(world, people, only)).length === 0) break;
	}
	// What the last full listing may still find.
	await timeline.run(timeline.nowMs() + plan.intervalMs * 2.5);
	for (let round = 0; round < 20 && (await unsettled(world, people, only)).length > 0; round++) {
		await tidyUp(world, people);
		await timeline.run(timeline.nowMs() + plan.intervalMs * 2);
	}
}

/** What operators do with what is left: choose, end links whose record is gone, take poison out. */
async function tidyUp(world: World, people: People): Promise<void> {
	const { directory } = world;
	const open = (await directory.rows('conflicts')).filter(({ state }) => state === 'open');
	for (const key of new Set(open.map(({ entity, linkId }) => `${entity} ${linkId}`))) {
		const [entity = '', linkId = ''] = key.split(' ');
		await people.resolveLink(entity, linkId, open);
	}
	for (const entity of ['product', 'business-partner']) {
		for (const link of await directory.links(entity)) if (link.status === 'orphan') await people.unlink(entity, link);
	}
}
