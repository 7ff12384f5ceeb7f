import type { Value } from '#src/sync/fields.ts';
import type { SimulatedChannel } from './channel.ts';
import { memoryDirectory, type Directory } from './directory.ts';
import { faultKinds } from './fault-kinds.ts';
import type { Rates } from './faults.ts';
import { planOf, simulatedFields, type SchedulePlan } from './plan.ts';
import { createPeople, type People } from './people.ts';
import { seededRandom } from './random.ts';
import { look } from './schedule.ts';
import { createWorld, type World } from './world.ts';

const entity = 'product';
const recordCount = 4;
const minuteMs = 60_000;

/** What a script left behind, told without ids or times: they are told apart by what may not matter. */
export type Ending = Readonly<Record<string, unknown>>;

type Edit = { record: number; side: string; fields: Record<string, Value> };

/** A seed's channels in fair weather: nothing fails, every clock is right. */
export function fairPlan(seed: number): SchedulePlan {
	const plan = planOf(seed);
	return {
		...plan,
		skews: { engines: [0], database: 0, channels: plan.channels.map(() => 0) },
		rates: Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Rates,
		channels: plan.channels.map((channel) => ({
			...channel,
			dead: null,
			restored: false,
			autoCreateExternal: false,
			autoCreateInternal: false,
			options: { ...channel.options, stampCovers: 'all', nullStamps: false }
		}))
	};
}

/**
 * Plays a seed's script: equal records, linked everywhere; once all agree, edits while no engine is at work: of ours, of
 * a channel's, and of both sides of a field three minutes apart; then runs until nothing moves.
 */
export async function playScript(plan: SchedulePlan): Promise<Ending> {
	const world = await createWorld(plan, { openDirectory: memoryDirectory });
	const people = createPeople(world);
	const externalIds = new Map<string, string[]>();
	const internalIds: string[] = [];
	for (let n = 0; n < recordCount; n++) internalIds.push(await world.directory.insert(entity, valuesOf(n, 'first')));
	for (const channel of world.channels)
		externalIds.set(channel.plan.name, await linkAll(world, people, channel, internalIds));
	await runs(world, 3);
	for (const edits of scriptOf(plan)) {
		for (const edit of edits) await perform(world, edit, internalIds, externalIds);
		await world.timeline.run(world.timeline.nowMs() + 3 * minuteMs);
	}
	await runs(world, 5);
	return endingOf(world, internalIds, externalIds);
}

async function linkAll(
	world: World,
	people: People,
	channel: SimulatedChannel,
	internalIds: readonly string[]
): Promise<string[]> {
	const ids = internalIds.map((_, n) => {
		const id = channel.memory.inside.data.nextId();
		channel.memory.add(entity, valuesOf(n, 'first'), { id });
		return id;
	});
	for (const [n, id] of ids.entries()) {
		await look(world, channel, entity, id);
		if (!(await people.link(channel, entity, internalIds[n] ?? '', id))) throw new Error(`${id} was not linked`);
	}
	return ids;
}

/** Capital letters and digits: what a channel rewrites is another test's matter. */
function valuesOf(record: number, what: string): Record<string, Value> {
	const texts = (simulatedFields[entity] ?? []).map(({ name, type }): [string, Value] => {
		if (type === 'boolean') return [name, true];
		return [name, type === 'decimal' ? `${10 + record}.5` : `${name}${record}${what}`.toUpperCase()];
	});
	return Object.fromEntries(texts);
}

/** Two rounds of edits. No two channels edit the same field of a record: whose run comes first may decide there. */
function scriptOf({ seed, channels }: SchedulePlan): [Edit[], Edit[]] {
	const random = seededRandom(seed);
	const names = channels.map(({ name }) => name).sort();
	const rounds: [Edit[], Edit[]] = [[], []];
	for (let record = 0; record < recordCount; record++) {
		for (const { name, type } of simulatedFields[entity] ?? []) {
			if (type === 'boolean' || random.chance(0.3)) continue;
			const value = (side: string) =>
				type === 'decimal' ? `${random.int(900)}.25` : `${name}${record}${side}`.toUpperCase();
			const there = random.pick(names);
			const [ours, theirs] = random.pick([
				[true, false],
				[false, true],
				[true, true]
			]);
			const oursFirst = random.int(2);
			const edit = (side: string): Edit => ({ record, side, fields: { [name]: value(side) } });
			if (ours) rounds[oursFirst === 0 ? 0 : 1].push(edit('internal'));
			if (theirs) rounds[oursFirst === 0 ? 1 : 0].push(edit(there));
		}
	}
	return rounds;
}

async function perform(
	{ channels, directory }: World,
	{ side, record, fields }: Edit,
	internalIds: readonly string[],
	externalIds: ReadonlyMap<string, readonly string[]>
): Promise<void> {
	if (side === 'internal') return directory.update(entity, internalIds[record] ?? '', fields);
	const channel = channels.find(({ plan }) => plan.name === side);
	channel?.memory.edit(entity, externalIds.get(side)?.[record] ?? '', fields);
}

/** So many rounds of runs over every channel, a minute apart. */
async function runs({ channels, replicas, timeline }: World, rounds: number): Promise<void> {
	for (let round = 0; round < rounds; round++) {
		for (const [index, channel] of channels.entries()) {
			const mode = round % 2 === 0 ? 'incremental' : 'full';
			const asked = replicas[index % replicas.length]?.engine.requestRun({
				channelId: channel.id,
				entity,
				mode,
				startedBy: 'schedule'
			});
			asked?.catch(() => undefined);
		}
		await timeline.run(timeline.nowMs() + minuteMs);
	}
}

async function endingOf(
	{ channels, directory }: World,
	internalIds: readonly string[],
	externalIds: ReadonlyMap<string, readonly string[]>
): Promise<Ending> {
	const ending: Record<string, unknown> = {};
	const nameOf = (id: string) => channels.find((channel) => channel.id === id)?.plan.name;
	for (const [n, id] of internalIds.entries()) ending[`ours ${n}`] = (await directory.read(entity, id))?.fields;
	for (const { plan, memory } of channels) {
		for (const [n, id] of (externalIds.get(plan.name) ?? []).entries())
			ending[`${plan.name} ${n}`] = memory.record(entity, id)?.fields;
	}
	for (const link of await directory.links(entity))
		ending[`${nameOf(link.channelId)} ${internalIds.indexOf(link.internalId)} link`] = link.status;
	const conflicts = (await directory.rows('conflicts')).map(
		(row) =>
			`${nameOf(row.channelId)} ${internalIds.indexOf(row.internalId)} ${row.field}: ${row.state}, ${row.rule}, ${row.winner}, ours ${row.internal}, theirs ${row.external}`
	);
	return { ...ending, conflicts: conflicts.sort() };
}

/** What is left of a whole schedule, for one that should end alike: without times. */
export async function rowsAtEnd(directory: Directory) {
	const records = await Promise.all(Object.keys(simulatedFields).map((each) => directory.all(each)));
	const conflicts = await directory.rows('conflicts');
	const decisions = await directory.rows('decisions');
	return {
		records: records.flat().map(({ id, rev, fields }) => ({ id, rev, fields })),
		conflicts: conflicts.map(({ id, field, state, rule, winner, internal, external }) => ({
			id,
			field,
			state,
			rule,
			winner,
			internal,
			external
		})),
		decisions: decisions.map(({ id, linkId, action, changes }) => ({ id, linkId, action, changes }))
	};
}
