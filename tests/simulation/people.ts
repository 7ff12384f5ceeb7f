import type { Fields, Value } from '#src/sync/fields.ts';
import type { SimulatedChannel } from './channel.ts';
import { poison } from './channel.ts';
import type { LinkRow, Rows } from './directory.ts';
import { tokenOf } from './ledger.ts';
import { simulatedFields } from './plan.ts';
import { valueWith } from './values.ts';
import type { World } from './world.ts';

const person = { actor: { name: 'operator@example.com' }, via: 'web' } as const;

/** A pair that a person unlinked: no automation may touch it from `atMs` until, if ever, a person links one of the two. */
export type UnlinkedPair = {
	channel: string;
	entity: string;
	internalId: string;
	externalId: string;
	isPrimary: boolean;
	atMs: number;
	endMs: number | null;
};

/** What people did besides edits, for the checkers. */
export type Acts = {
	unlinked: UnlinkedPair[];
	/** External ids that people linked by hand, with the time. */
	linked: { channel: string; entity: string; internalId: string; externalId: string; atMs: number }[];
	removedInternal: Set<string>;
	/** `channel\nentity\nid` of channel records that people deleted. */
	removedExternal: Set<string>;
	/** When, in true time, each of them was deleted. */
	removedExternalMs: Map<string, number>;
	/** Records whose values a channel will never take. */
	poisoned: Set<string>;
	/** Channels whose data went back in time. */
	restored: Set<string>;
	/** Every edit of a channel's record, of whichever field: its stamp speaks for all of them. */
	touches: { side: string; entity: string; id: string; atMs: number }[];
	/** `entity id field` of our records whose value a person chose among two, so that an older one may be back. */
	chosen: Set<string>;
	counts: Record<string, number>;
};

/** The people of a schedule: they edit on both sides, link, unlink, resolve and delete while the engines work. */
export type People = ReturnType<typeof createPeople>;

export function createPeople(world: World) {
	const { random, directory, timeline, ledger } = world;
	const acts: Acts = {
		unlinked: [],
		linked: [],
		removedInternal: new Set(),
		removedExternal: new Set(),
		removedExternalMs: new Map(),
		poisoned: new Set(),
		restored: new Set(),
		touches: [],
		chosen: new Set(),
		counts: {}
	};

	function fresh(entity: string, side: string, id: string, fields: Fields, shared?: Fields): Record<string, Value> {
		const made: Record<string, Value> = { ...fields };
		for (const { name, type } of simulatedFields[entity] ?? []) {
			if (type === 'boolean') made[name] ??= true;
			else if (shared?.[name] !== undefined) made[name] = shared[name];
			else made[name] = valueWith(random, type, ledger.nextToken());
		}
		note(entity, side, id, made, () => null);
		return made;
	}

	/** Writes the edit of each field that carries a token into the log. */
	function note(
		entity: string,
		side: string,
		id: string,
		fields: Fields,
		seen: (field: string) => number | null
	): void {
		for (const [field, value] of Object.entries(fields)) {
			const token = tokenOf(value);
			if (token !== null && typeof value !== 'boolean')
				ledger.add({ token, side, entity, id, field, parent: seen(field), atMs: timeline.nowMs() });
		}
	}

	async function editInternal(entity: string, id: string, fields: Fields): Promise<void> {
		const record = await directory.read(entity, id);
		if (!record) return;
		note(entity, 'internal', id, fields, (field) => tokenOf(record.fields[field]));
		await directory.update(entity, id, fields);
		world.trace.note(timeline.nowMs(), `edit internal ${entity} ${id}`, fields);
	}

	/** An edit at the channel: stamped when its transaction began, seen when it commits. */
	function editExternal({ memory, plan }: SimulatedChannel, entity: string, id: string, fields: Fields): void {
		// A new stamp on a record that went back hides that it went back.
		if (acts.restored.has(plan.name)) return;
		const openForMs = plan.lateCommitMs > 0 && random.chance(0.4) ? random.between(0, plan.lateCommitMs) : 0;
		const stampedAt = timeline.nowMs();
		timeline.after(openForMs, null, () => {
			const record = memory.record(entity, id);
			// A backup put back ends the transactions that were open.
			if (!record || acts.restored.has(plan.name)) return;
			acts.touches.push({ side: plan.name, entity, id, atMs: timeline.nowMs() });
			note(entity, plan.name, id, fields, (field) => tokenOf(record.fields[field]));
			memory.inside.data.put(entity, id, fields, timeline.nowMs(), { stampedAt });
			world.trace.note(timeline.nowMs(), `edit ${plan.name} ${entity} ${id}`, fields);
		});
	}

	/** One or two fields with values of their own. */
	function newValues(entity: string): Fields {
		const fields: Record<string, Value> = {};
		const known = simulatedFields[entity] ?? [];
		for (let count = random.chance(0.2) ? 2 : 1; count > 0; count--) {
			const { name, type } = random.pick(known);
			if (type === 'boolean') fields[name] = random.chance(0.5);
			else fields[name] = valueWith(random, type, ledger.nextToken());
		}
		return fields;
	}

	async function addInternal(entity: string, like?: Fields): Promise<string> {
		// The row's id is known only afterwards, the log needs it before.
		const made = fresh(entity, 'internal', '', {}, like);
		const id = await directory.insert(entity, made);
		for (const value of Object.values(made)) {
			const token = tokenOf(value);
			for (const edit of ledger.edits.get(token ?? -1) ?? []) if (edit.id === '') edit.id = id;
		}
		world.trace.note(timeline.nowMs(), `add internal ${entity} ${id}`, made);
		return id;
	}

	function addExternal({ memory, plan }: SimulatedChannel, entity: string, like?: Fields, id?: string): string {
		const given = id ?? memory.inside.data.nextId();
		const made = fresh(entity, plan.name, given, {}, like);
		memory.add(entity, made, { id: given });
		world.trace.note(timeline.nowMs(), `add ${plan.name} ${entity} ${given}`, made);
		return given;
	}

	async function removeInternal(entity: string, id: string): Promise<void> {
		const record = await directory.read(entity, id);
		if (!record) return;
		for (const value of Object.values(record.fields)) forget(value);
		acts.removedInternal.add(`${entity} ${id}`);
		await directory.remove(entity, id);
		world.trace.note(timeline.nowMs(), `remove internal ${entity} ${id}`);
	}

	function removeExternal({ memory, plan, broken }: SimulatedChannel, entity: string, id: string): void {
		const record = memory.record(entity, id);
		if (!record) return;
		for (const value of Object.values(record.fields)) forget(value);
		acts.removedExternal.add(`${plan.name}\n${entity}\n${id}`);
		acts.removedExternalMs.set(`${plan.name}\n${entity}\n${id}`, timeline.nowMs());
		broken.delete(`${entity} ${id}`);
		memory.remove(entity, id);
		world.trace.note(timeline.nowMs(), `remove ${plan.name} ${entity} ${id}`);
	}

	function forget(value: Value): void {
		const token = tokenOf(value);
		if (token !== null) ledger.gone.add(token);
	}

	/** The channel comes back from a backup: what people entered there since is gone, by the channel's own doing. */
	function restore({ memory, plan }: SimulatedChannel, toMs: number): void {
		for (const entity of plan.entities) {
			for (const record of memory.records(entity)) {
				for (const value of Object.values(record.fields)) {
					const edits = ledger.edits.get(tokenOf(value) ?? -1) ?? [];
					if (edits.some(({ side }) => side === plan.name)) forget(value);
				}
			}
		}
		memory.restoreBackup(toMs);
		acts.restored.add(plan.name);
		world.trace.note(timeline.nowMs(), `restore ${plan.name}`, toMs);
	}

	async function unlink(entity: string, link: LinkRow): Promise<void> {
		const result = await directory.people.unlinkRecords({ ...person, entity, linkId: link.id });
		const channel = channelNamed(link.channelId);
		if (!('ok' in result) || !result.ok || !channel) return;
		const { internalId, externalId, isPrimary } = link;
		acts.unlinked.push({
			channel: channel.plan.name,
			entity,
			internalId,
			externalId,
			isPrimary,
			atMs: timeline.nowMs(),
			endMs: null
		});
		world.trace.note(timeline.nowMs(), `unlink ${entity} ${link.id}`);
	}

	async function link(
		channel: SimulatedChannel,
		entity: string,
		internalId: string,
		externalId: string,
		isPrimary = true
	): Promise<boolean> {
		const result = await directory.people.linkRecords({
			...person,
			channelId: channel.id,
			entity,
			internalId,
			externalId,
			variantId: '',
			override: true,
			isPrimary
		});
		if (!('ok' in result) || !result.ok) return false;
		relinked(channel.plan.name, entity, internalId, externalId);
		return true;
	}

	/** From here on the engine may call for these records again. */
	function relinked(channel: string, entity: string, internalId: string, externalId: string): void {
		acts.linked.push({ channel, entity, internalId, externalId, atMs: timeline.nowMs() });
		for (const pair of acts.unlinked) {
			if (pair.channel !== channel || pair.entity !== entity || pair.endMs !== null) continue;
			if (pair.internalId === internalId || pair.externalId === externalId) pair.endMs = timeline.nowMs();
		}
	}

	async function resolveLink(entity: string, linkId: string, open: Rows['conflicts']): Promise<boolean> {
		const link = (await directory.links(entity)).find(({ id }) => id === linkId);
		const record = link && (await directory.read(entity, link.internalId));
		if (!link || !record) return false;
		const chosen = open.filter((conflict) => conflict.entity === entity && conflict.linkId === linkId);
		const choices = Object.fromEntries(
			chosen.map(({ field }) => [field, random.chance(0.5) ? ('internal' as const) : ('external' as const)])
		);
		const result = await directory.people.resolveConflicts({
			...person,
			entity,
			linkId,
			choices,
			internalRev: record.rev,
			externalVersion: link.externalVersion ?? ''
		});
		for (const field of Object.keys(choices)) acts.chosen.add(`${entity} ${record.id} ${field}`);
		world.trace.note(timeline.nowMs(), `resolve ${entity} ${linkId}`, [choices, result]);
		return result.ok;
	}

	const channelNamed = (id: string) => world.channels.find((channel) => channel.id === id);

	return {
		acts,
		person,
		newValues,
		editInternal,
		editExternal,
		addInternal,
		addExternal,
		removeInternal,
		removeExternal,
		restore,
		unlink,
		link,
		relinked,
		channelNamed,
		/** Resolves the open conflicts of one link, each field to a side. */
		async resolveSome(): Promise<boolean> {
			const open = (await directory.rows('conflicts')).filter(({ state }) => state === 'open');
			if (open.length === 0) return false;
			const { entity, linkId } = random.pick(open);
			return resolveLink(entity, linkId, open);
		},
		resolveLink,
		/** A value that no channel takes. */
		async poison(entity: string, id: string): Promise<void> {
			acts.poisoned.add(`${entity} ${id}`);
			await editInternal(entity, id, { name: `${poison} ${ledger.nextToken()}` });
		},
		/** A linked record that no read by id gets out of the channel any more, nor any other one in the same answer. */
		breakRecord({ broken, plan }: SimulatedChannel, entity: string, { externalId }: LinkRow): void {
			broken.add(`${entity} ${externalId}`);
			world.trace.note(timeline.nowMs(), `break ${plan.name} ${entity} ${externalId}`);
		}
	};
}
