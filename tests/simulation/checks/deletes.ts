import { epochMicros } from '#src/sync/settle.ts';
import type { Rows } from '../directory.ts';
import type { People } from '../people.ts';
import { simulatedFields } from '../plan.ts';
import type { World } from '../world.ts';
import type { Violation } from './violation.ts';

/** I8: what a person deleted stays deleted, and nothing else is missing. */
export async function checkDeletes(world: World, people: People): Promise<Violation[]> {
	const found: Violation[] = [];
	for (const entity of Object.keys(simulatedFields)) {
		const living = new Set((await world.directory.all(entity)).map(({ id }) => id));
		for (const key of people.acts.removedInternal) {
			const [of, id = ''] = key.split(' ');
			if (of === entity && living.has(id)) found.push({ invariant: 'I8', what: `${entity} ${id} is back` });
		}
		for (const edits of world.ledger.edits.values()) {
			for (const { side, id, entity: of } of edits) {
				if (
					of !== entity ||
					side !== 'internal' ||
					living.has(id) ||
					people.acts.removedInternal.has(`${entity} ${id}`)
				)
					continue;
				found.push({ invariant: 'I8', what: `${entity} ${id} is gone and nobody deleted it` });
			}
		}
	}
	for (const row of await world.directory.rows('decisions')) {
		const unread = importedUnread(world, people, row);
		if (unread) found.push({ invariant: 'I8', what: unread });
		if (row.action !== 'create-external' || row.internalId === null) continue;
		const channel = world.channels.find(({ id }) => id === row.channelId);
		if (channel && wasLinkedBefore(people, row, channel.plan.name, trueMs(world, row.at)))
			found.push({
				invariant: 'I8',
				what: `${row.entity} ${row.internalId} was created at ${channel.plan.name} again`
			});
	}
	return found;
}

/** An import of what was deleted before: only the answer to a read by its id can have been on its way so long. */
function importedUnread(world: World, people: People, row: Rows['decisions'][number]): string | null {
	if (row.action !== 'create-internal' || row.externalId === null) return null;
	const channel = people.channelNamed(row.channelId ?? '');
	if (!channel || people.acts.restored.has(channel.plan.name)) return null;
	const { externalId, entity } = row;
	const removedMs = people.acts.removedExternalMs.get(`${channel.plan.name}\n${entity}\n${externalId}`);
	const importedMs = trueMs(world, row.at);
	if (removedMs === undefined || removedMs > importedMs) return null;
	const read = channel.memory
		.calls()
		.some((call) => call.method === 'read' && call.entity === entity && call.ids.includes(externalId));
	return read ? null : `${channel.plan.name} ${entity} ${externalId} was deleted and then imported from a listing`;
}

/** True time of a moment that the database's clock told. */
function trueMs(world: World, at: string): number {
	return Number(epochMicros(at) ?? 0n) / 1000 - world.plan.skews.database;
}

/** Before this create the record had another counterpart there, which a person deleted. */
function wasLinkedBefore(people: People, row: Rows['decisions'][number], channel: string, createdMs: number): boolean {
	const { entity, internalId, externalId } = row;
	return people.acts.linked.some(
		(pair) =>
			pair.channel === channel &&
			pair.entity === entity &&
			pair.internalId === internalId &&
			pair.externalId !== externalId &&
			pair.atMs < createdMs &&
			(people.acts.removedExternalMs.get(`${channel}\n${entity}\n${pair.externalId}`) ?? Infinity) < createdMs
	);
}
