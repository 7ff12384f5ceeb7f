import { sendWindowMs } from '#src/engine/runs/run-context.ts';
import type { People } from '../people.ts';
import type { World } from '../world.ts';
import type { Violation } from './violation.ts';

/** I5: no write and no read by id of an unlinked pair leaves more than two seconds after the unlink, for ever. */
export function checkUnlinkIsFinal(world: World, people: People): Violation[] {
	const found: Violation[] = [];
	for (const pair of people.acts.unlinked) {
		const channel = world.channels.find(({ plan }) => plan.name === pair.channel);
		if (people.acts.restored.has(pair.channel)) continue;
		for (const call of channel?.memory.calls() ?? []) {
			if (call.method !== 'update' && call.method !== 'read') continue;
			if (call.entity !== pair.entity || !call.ids.includes(pair.externalId)) continue;
			if (call.at <= pair.atMs + sendWindowMs || (pair.endMs !== null && call.at >= pair.endMs)) continue;
			const lateMs = Math.round(call.at - pair.atMs);
			found.push({
				invariant: 'I5',
				what: `${pair.channel} ${pair.externalId} got a ${call.method} ${lateMs} ms after it was unlinked`
			});
		}
	}
	return found;
}

/** I6: automation links neither an unlinked pair again nor one of its two records to another. */
export async function checkChoiceStands(world: World, people: People): Promise<Violation[]> {
	const found: Violation[] = [];
	const links = new Map<string, Awaited<ReturnType<typeof world.directory.links>>>();
	for (const pair of people.acts.unlinked) {
		if (pair.endMs !== null) continue;
		const channel = world.channels.find(({ plan }) => plan.name === pair.channel);
		const rows = links.get(pair.entity) ?? (await world.directory.links(pair.entity));
		links.set(pair.entity, rows);
		const again = rows.find(
			(row) =>
				row.channelId === channel?.id &&
				((row.internalId === pair.internalId && row.isPrimary && pair.isPrimary) || row.externalId === pair.externalId)
		);
		if (again)
			found.push({
				invariant: 'I6',
				what: `${pair.channel}: link ${again.id} (${again.internalId} - ${again.externalId}) came back after ${pair.internalId} - ${pair.externalId} was unlinked`
			});
	}
	return found;
}
