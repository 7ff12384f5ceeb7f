import { valueTarget } from '#src/sync/value-table.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { unknownChannel } from '../refusals.ts';
import {
	affectedBy,
	pairsAtMost,
	tooManyPairs,
	type SaveValuesInput,
	type SaveValuesResult,
	type ValuePair
} from '../save-values.ts';
import { wake } from './awaiting.ts';
import { markDirty } from './link-triggers.ts';
import { writeAudit } from './person-journal.ts';
import { inIdOrder } from './table.ts';
import type { LinkRow, Tables } from './tables.ts';

/** `saveValues` in memory. */
export function saveValues(tables: Tables, input: SaveValuesInput): SaveValuesResult {
	const { channelId, table } = input;
	const channel = tables.channels.get(channelId);
	if (!channel || channel.deletedAt !== null) return unknownChannel(channelId);
	const mine = () => inIdOrder(tables.valuePairsOf(channelId)).filter((pair) => pair.table === table);
	const gone = mine().filter(({ id }) => input.removed.includes(id));
	const kept = mine().filter((pair) => !gone.includes(pair));
	if (kept.length + input.added.length > pairsAtMost) return tooManyPairs();
	for (const pair of gone) tables.valuePairs.remove(pair);
	const removed = gone.map(({ ours, theirs }) => ({ ours, theirs }));
	const added: ValuePair[] = [];
	for (const { ours, theirs } of input.added) {
		const id = tables.valuePairs.nextId();
		if (tables.valuePair(channelId, table, ours, theirs)) continue;
		const createdAt = tables.now();
		tables.valuePairs.insert({ id, channelId, table, ours, theirs, createdBy: input.actor.name, createdAt });
		added.push({ ours, theirs });
	}
	if (removed.length + added.length === 0) return { ok: true, woken: 0 };
	const waiting = added.flatMap(({ ours, theirs }) => [
		...tables.awaitingFor(channelId, valueTarget(table), 'internal', ours),
		...tables.awaitingFor(channelId, valueTarget(table), 'external', theirs)
	]);
	const owners = new Set(waiting.map((row) => JSON.stringify([row.entity, row.owner, row.ownerId, row.variantId])));
	wake(tables, channelId, waiting);
	compareAnew(tables, channelId, affectedBy(removed, added, kept));
	const detail = { table, added, removed };
	writeAudit(tables, input, { action: 'save-values', object: `channel/${channelId}`, channelId, detail });
	return { ok: true, woken: owners.size };
}

function compareAnew(tables: Tables, channelId: string, pairs: readonly ValuePair[]): void {
	const carried = [...tables.channelEntities.all()].filter((row) => row.channelId === channelId);
	for (const { entity: name } of carried) {
		if (!entityNamed(name)) continue;
		const held = (link: LinkRow) =>
			pairs.some(
				({ ours, theirs }) =>
					Object.values(link.baseInternal ?? {}).some((value) => value !== null && String(value) === ours) ||
					Object.values(link.baseExternal ?? {}).some((value) => value !== null && String(value) === theirs)
			);
		const links = [...tables.of(name).linksOfChannel(channelId)].filter(
			(link) => link.status === 'conflict' || held(link)
		);
		markDirty(tables, name, inIdOrder(links), false);
	}
}
