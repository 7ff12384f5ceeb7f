import { simulatedFields } from '../plan.ts';
import type { People } from '../people.ts';
import type { World } from '../world.ts';
import type { Violation } from './violation.ts';

/**
 * I3: at a channel one record at most carries the reference of a record of ours; a record of ours has one link a
 * channel, and a record there one of ours; nothing that we created came back as a record of its own.
 */
export async function checkNoDuplicates(world: World, people: People): Promise<Violation[]> {
	const found: Violation[] = [];
	for (const { plan, memory } of world.channels) {
		for (const entity of plan.entities) {
			const holders = new Map<string, string[]>();
			for (const { id, reference } of memory.records(entity))
				if (reference !== null) holders.set(reference, [...(holders.get(reference) ?? []), id]);
			for (const [reference, ids] of holders)
				if (ids.length > 1 && !people.acts.restored.has(plan.name))
					found.push({ invariant: 'I3', what: `${plan.name} has ${ids.join(' and ')} for ${reference}` });
		}
	}
	return [...found, ...(await importedTwice(world, people))];
}

/** Records of ours that an engine made, as the product's journal or another engine's own list has them. */
async function importsOf({ baseline, directory }: World) {
	if (baseline) return baseline.imports();
	const decisions = await directory.rows('decisions');
	return decisions.flatMap(({ action, entity, channelId, externalId, internalId }) =>
		action === 'create-internal' && externalId !== null ? [{ entity, channelId, externalId, internalId }] : []
	);
}

/** What was made from a channel's record must come from one that nobody of ours had created there. */
async function importedTwice(world: World, people: People): Promise<Violation[]> {
	const found: Violation[] = [];
	const imports = await importsOf(world);
	for (const entity of Object.keys(simulatedFields)) {
		const living = new Set((await world.directory.all(entity)).map(({ id }) => id));
		const from = new Map<string, string>();
		for (const row of imports) {
			if (row.entity !== entity) continue;
			const channel = world.channels.find(({ id }) => id === row.channelId);
			const key = `${row.channelId} ${row.externalId}`;
			const ours = channel?.memory
				.writes()
				.some((write) => write.method === 'create' && write.entity === entity && write.id === row.externalId);
			if (ours && channel && !people.acts.restored.has(channel.plan.name))
				found.push({
					invariant: 'I3',
					what: `${channel.plan.name} ${row.externalId}, which we created, was imported as ${row.internalId}`
				});
			const earlier = from.get(key);
			if (earlier !== undefined && row.internalId !== null && living.has(earlier) && living.has(row.internalId))
				found.push({ invariant: 'I3', what: `${key} was imported as ${earlier} and as ${row.internalId}` });
			if (row.internalId !== null) from.set(key, row.internalId);
		}
	}
	return found;
}
