import type { Store } from '#src/store/store.ts';
import { canonical, type Value } from '#src/sync/fields.ts';
import type { People } from './people.ts';
import { simulatedFields } from './plan.ts';
import { valueWith } from './values.ts';
import type { World } from './world.ts';

type TakenUp = { channelId: string; internalId: string; externalId: string };
type Listener = (entity: string, link: TakenUp) => void;

/** Tells of links that an engine takes up at this moment. */
export type Races = {
	watch(store: Store): Store;
	/** For an engine that has no claims: it takes this link up now. */
	takenUp: Listener;
	/** Called for each link that an engine has just claimed. */
	onClaim(listener: Listener): void;
};

export function createRaces(): Races {
	const listeners: Listener[] = [];
	const tell: Listener = (entity, link) => {
		for (const listener of listeners) listener(entity, link);
	};
	return {
		takenUp: tell,
		watch: (store) => ({
			...store,
			async claimLinks(input) {
				const result = await store.claimLinks(input);
				for (const { link } of result.claimed) tell(input.entity.name, link);
				return result;
			}
		}),
		onClaim: (listener) => void listeners.push(listener)
	};
}

/** People who edit the very record that an engine works on, often the very field: what a quarter of a second decides. */
export function raceEngines(world: World, people: People, goesOn: () => boolean): void {
	const { timeline, directory } = world;
	const random = world.random.fork();
	world.races.onClaim((entity, link) => {
		if (!goesOn() || !random.chance(world.plan.raceShare)) return;
		timeline.after(random.between(1, 250), null, async () => {
			const channel = people.channelNamed(link.channelId);
			const ours = await directory.read(entity, link.internalId);
			const theirs = channel?.memory.record(entity, link.externalId);
			if (!channel || !ours || !theirs) return;
			const known = (simulatedFields[entity] ?? []).filter(({ type }) => type !== 'boolean');
			const differing = known.filter(
				({ name, type }) => canonical(type, ours.fields[name] ?? null) !== canonical(type, theirs.fields[name] ?? null)
			);
			const { name, type } = random.pick(differing.length > 0 && random.chance(0.7) ? differing : known);
			const fields: Record<string, Value> = { [name]: valueWith(random, type, world.ledger.nextToken()) };
			if (random.chance(0.5)) return people.editInternal(entity, link.internalId, fields);
			people.editExternal(channel, entity, link.externalId, fields);
			if (!random.chance(0.4)) return;
			// Once more within the same second: a coarse stamp does not tell the two apart.
			const { name: other, type: kind } = random.pick(known);
			timeline.after(random.between(20, 400), null, () =>
				people.editExternal(channel, entity, link.externalId, {
					[other]: valueWith(random, kind, world.ledger.nextToken())
				})
			);
		});
	});
}

/** While a process stands still, a link that it may be working on goes: what is on its way then has two seconds to leave. */
export function unlinkBehindEngines(world: World, people: People, goesOn: () => boolean): void {
	const { timeline, directory } = world;
	const random = world.random.fork();
	let taken: { entity: string; link: TakenUp; atMs: number }[] = [];
	world.races.onClaim((entity, link) => void taken.push({ entity, link, atMs: timeline.nowMs() }));
	world.stillness.onStill(() => {
		taken = taken.filter(({ atMs }) => atMs > timeline.nowMs() - 1_000);
		if (!goesOn() || taken.length === 0) return;
		const chosen = random.pick(taken);
		timeline.after(random.between(5, 1_000), null, async () => {
			const link = (await directory.links(chosen.entity)).find(
				({ channelId, externalId }) => channelId === chosen.link.channelId && externalId === chosen.link.externalId
			);
			if (link) await people.unlink(chosen.entity, link);
		});
	});
}
