import { entityNamed } from '#src/entities/registry.ts';
import type { SimulatedChannel } from './channel.ts';
import { tokenOf } from './ledger.ts';
import type { People } from './people.ts';
import type { World } from './world.ts';

type Act = { name: string; weight: number; perform: () => Promise<unknown> | unknown };

/** What people do next, drawn by weight: mostly edits, and everything else an operator can do now and then. */
export function createActs(world: World, people: People) {
	const { random, directory, channels } = world;
	const anyChannel = () => random.pick(channels);
	const entityOf = (channel: SimulatedChannel) => random.pick(channel.plan.entities);
	const external = (channel: SimulatedChannel, entity: string) => {
		const records = channel.memory.records(entity);
		return records.length > 0 ? random.pick(records) : null;
	};
	const internal = async (entity: string) => {
		const records = await directory.all(entity);
		return records.length > 0 ? random.pick(records) : null;
	};
	const anyLink = async (entity: string) => {
		const links = await directory.links(entity);
		return links.length > 0 ? random.pick(links) : null;
	};

	async function editInternal() {
		const entity = entityOf(anyChannel());
		const record = await internal(entity);
		if (record) await people.editInternal(entity, record.id, people.newValues(entity));
	}

	function editExternal() {
		const channel = anyChannel();
		const entity = entityOf(channel);
		const record = external(channel, entity);
		if (record) people.editExternal(channel, entity, record.id, people.newValues(entity));
	}

	/** Both sides of one link within a moment: often the same field. */
	async function editBoth() {
		const entity = entityOf(anyChannel());
		const link = await anyLink(entity);
		const channel = link && people.channelNamed(link.channelId);
		if (!link || !channel) return;
		const ours = people.newValues(entity);
		await people.editInternal(entity, link.internalId, ours);
		const theirs = random.chance(0.6) ? again(ours) : people.newValues(entity);
		people.editExternal(channel, entity, link.externalId, theirs);
	}

	/** The same fields with other tokens. */
	function again(fields: Readonly<Record<string, unknown>>) {
		const made = Object.entries(fields).map(([name, value]) =>
			typeof value === 'string'
				? [name, value.replace(String(tokenOf(value)), String(world.ledger.nextToken()))]
				: [name, value]
		);
		return Object.fromEntries(made) as Record<string, string>;
	}

	/** A record that is gone before every listing knows it. */
	function addBriefly() {
		const channel = anyChannel();
		const entity = entityOf(channel);
		const id = people.addExternal(channel, entity);
		world.timeline.after(random.between(500, 6_000), null, () => people.removeExternal(channel, entity, id));
	}

	async function addBoth() {
		const channel = anyChannel();
		const entity = entityOf(channel);
		const id = await people.addInternal(entity);
		const record = await directory.read(entity, id);
		if (record) people.addExternal(channel, entity, { value: record.fields['value'] ?? null });
	}

	async function reuseId() {
		const channel = anyChannel();
		const entity = entityOf(channel);
		const record = external(channel, entity);
		// As with an edit, a new stamp on a record that went back hides that it went back.
		if (!record || people.acts.restored.has(channel.plan.name)) return;
		people.removeExternal(channel, entity, record.id);
		people.addExternal(channel, entity, undefined, record.id);
		people.acts.restored.add(channel.plan.name);
	}

	async function linkFree() {
		const channel = anyChannel();
		const entity = entityOf(channel);
		const links = (await directory.links(entity)).filter(({ channelId }) => channelId === channel.id);
		const theirs = channel.memory.records(entity).find(({ id }) => !links.some(({ externalId }) => externalId === id));
		const ours = (await directory.all(entity)).find(({ id }) => !links.some(({ internalId }) => internalId === id));
		if (theirs && ours) await people.link(channel, entity, ours.id, theirs.id);
	}

	/** A second record of the channel for one of ours. */
	async function linkSecondary() {
		const channel = anyChannel();
		const entity = entityOf(channel);
		const links = (await directory.links(entity)).filter(({ channelId }) => channelId === channel.id);
		const theirs = channel.memory.records(entity).find(({ id }) => !links.some(({ externalId }) => externalId === id));
		const primary = links.filter(({ isPrimary }) => isPrimary);
		if (!channel.plan.allowSecondary || !theirs || primary.length === 0) return;
		await people.link(channel, entity, random.pick(primary).internalId, theirs.id, false);
	}

	async function acceptSuggestion() {
		const suggestions = await directory.rows('suggestions');
		const chosen = suggestions[0];
		const channel = chosen && people.channelNamed(chosen.channelId);
		if (!chosen || !channel) return;
		const { person } = people;
		const result = await directory.people.acceptSuggestion({ ...person, suggestionId: chosen.id });
		if ('ok' in result && result.ok)
			people.relinked(channel.plan.name, chosen.entity, chosen.internalId, chosen.externalId);
	}

	async function undoUnlink() {
		const ended = (await directory.rows('history')).filter(({ undoneAt }) => undoneAt === null).at(-1);
		const channel = ended && people.channelNamed(ended.channelId);
		if (!ended || !channel) return;
		const result = await directory.people.undoUnlink({ ...people.person, historyId: ended.id });
		if (result.ok) people.relinked(channel.plan.name, ended.entity, ended.internalId, ended.externalId);
	}

	async function takeOtherValue() {
		const settled = (await directory.rows('conflicts')).filter(({ state }) => state === 'settled');
		if (settled.length === 0) return;
		const { id, entity, internalId, field } = random.pick(settled);
		await directory.people.takeOtherValue({ ...people.person, conflictId: id });
		people.acts.chosen.add(`${entity} ${internalId} ${field}`);
	}

	/** A person looks the channel's records up, live. */
	async function lookUp() {
		const channel = anyChannel();
		const replica = world.replicas[0];
		replica?.engine.searchRecords(channel.id, entityOf(channel), 'n').catch(() => undefined);
	}

	async function askWhy() {
		const entity = entityOf(anyChannel());
		const link = await anyLink(entity);
		if (link) world.replicas[0]?.engine.explain(entity, link.id).catch(() => undefined);
	}

	async function syncOne() {
		const entity = entityOf(anyChannel());
		const link = await anyLink(entity);
		if (!link || !entityNamed(entity)) return;
		world.replicas[0]?.engine
			.requestRun({ channelId: link.channelId, entity, mode: 'records', linkIds: [link.id], startedBy: 'operator' })
			.catch(() => undefined);
	}

	async function preview() {
		const channel = anyChannel();
		const request = {
			channelId: channel.id,
			entity: entityOf(channel),
			mode: 'preview',
			startedBy: 'operator'
		} as const;
		world.replicas[0]?.engine.requestRun(request).catch(() => undefined);
	}

	async function removeSome(side: 'internal' | 'external') {
		const channel = anyChannel();
		const entity = entityOf(channel);
		if (side === 'internal') {
			const record = await internal(entity);
			if (record && (await directory.all(entity)).length > 2) await people.removeInternal(entity, record.id);
		} else {
			const record = external(channel, entity);
			if (record) people.removeExternal(channel, entity, record.id);
		}
	}

	const acts: readonly Act[] = [
		{ name: 'edit internal', weight: 36, perform: editInternal },
		{ name: 'edit external', weight: 36, perform: editExternal },
		{ name: 'edit both', weight: 6, perform: editBoth },
		{ name: 'add internal', weight: 3, perform: () => people.addInternal(entityOf(anyChannel())) },
		{
			name: 'add external',
			weight: 3,
			perform() {
				const channel = anyChannel();
				people.addExternal(channel, entityOf(channel));
			}
		},
		{ name: 'add briefly', weight: 0.7, perform: addBriefly },
		{ name: 'add both', weight: 2, perform: addBoth },
		{ name: 'remove internal', weight: 1, perform: () => removeSome('internal') },
		{ name: 'remove external', weight: 1, perform: () => removeSome('external') },
		{ name: 'reuse id', weight: 0.2, perform: reuseId },
		{
			name: 'unlink',
			weight: 1.5,
			async perform() {
				const entity = entityOf(anyChannel());
				const link = await anyLink(entity);
				if (link) await people.unlink(entity, link);
			}
		},
		{ name: 'link', weight: 1.5, perform: linkFree },
		{ name: 'link secondary', weight: 1.5, perform: linkSecondary },
		{ name: 'accept suggestion', weight: 2, perform: acceptSuggestion },
		{ name: 'undo unlink', weight: 0.7, perform: undoUnlink },
		{ name: 'resolve', weight: 3, perform: () => people.resolveSome() },
		{ name: 'take other value', weight: 0.7, perform: takeOtherValue },
		{ name: 'look up', weight: 0.7, perform: lookUp },
		{ name: 'why', weight: 0.5, perform: askWhy },
		{ name: 'sync one', weight: 0.7, perform: syncOne },
		{ name: 'preview', weight: 0.5, perform: preview },
		{
			name: 'poison',
			weight: 0.25,
			async perform() {
				const entity = entityOf(anyChannel());
				const record = await internal(entity);
				if (record) await people.poison(entity, record.id);
			}
		},
		{
			name: 'break record',
			weight: 0.15,
			async perform() {
				const entity = entityOf(anyChannel());
				const link = await anyLink(entity);
				const channel = link && people.channelNamed(link.channelId);
				// In fair weather no answer breaks.
				if (link && channel && world.plan.rates['schema-drift'] > 0) people.breakRecord(channel, entity, link);
			}
		}
	];
	const total = acts.reduce((sum, { weight }) => sum + weight, 0);

	return async function act(): Promise<void> {
		let x = random.number() * total;
		const chosen = acts.find(({ weight }) => (x -= weight) < 0) ?? (acts[0] as Act);
		people.acts.counts[chosen.name] = (people.acts.counts[chosen.name] ?? 0) + 1;
		await chosen.perform();
	};
}
