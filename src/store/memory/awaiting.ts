import { referencesOf } from '#src/entities/entity.ts';
import { externalKeys, type FindReferencesInput, type FoundReferences } from '../find-references.ts';
import type { AwaitingOwner, AwaitingRow } from '../save-awaiting.ts';
import { valueTableOf } from '#src/sync/value-table.ts';
import type { AwaitingTableRow } from './matching-tables.ts';
import { compareIds, inIdOrder } from './table.ts';
import type { LinkRow, Tables } from './tables.ts';
import { joinWaitingList } from './waiting-list.ts';

type At = { channelId: string; entity: string };

/** `findReferences` in memory. */
export function findReferences(tables: Tables, input: FindReferencesInput): Readonly<Record<string, FoundReferences>> {
	const found: Record<string, FoundReferences> = {};
	for (const { to, internal, external } of input.wanted) {
		const table = valueTableOf(to);
		if (table !== null) found[to] = findValues(tables, input.channelId, table, { internal, external });
		if (!tables.entities.has(to)) continue;
		const links = [
			...internal.flatMap((id) => linksOf(tables, to, input.channelId, id)),
			...external.flatMap((id) => linkOfExternal(tables, to, input.channelId, id) ?? [])
		].sort((one, other) => Number(one.isPrimary) - Number(other.isPrimary));
		const toExternal = Object.fromEntries(links.map((link) => [link.internalId, referenceId(link)]));
		const toInternal = Object.fromEntries(links.map((link) => [referenceId(link), link.internalId]));
		const codes = {
			internal: Object.fromEntries(
				internal.flatMap((id) => {
					const record = toExternal[id] === undefined ? tables.of(to).records.get(id)?.record : undefined;
					return record ? [[id, String(record.fields['value'] ?? id)]] : [];
				})
			),
			external: Object.fromEntries(
				external.flatMap((id) => {
					const seen = toInternal[id] === undefined ? seenRecord(tables, to, input.channelId, id) : undefined;
					return seen ? [[id, String(seen.fields['value'] ?? seen.fields['name'] ?? seen.externalId)]] : [];
				})
			)
		};
		found[to] = { toExternal, toInternal, codes };
	}
	return found;
}

function findValues(
	tables: Tables,
	channelId: string,
	table: string,
	wanted: { internal: readonly string[]; external: readonly string[] }
): FoundReferences {
	const pairs = inIdOrder(tables.valuePairsOf(channelId))
		.filter((pair) => pair.table === table)
		.filter(({ ours, theirs }) => wanted.internal.includes(ours) || wanted.external.includes(theirs))
		.reverse();
	return {
		toExternal: Object.fromEntries(pairs.map(({ ours, theirs }) => [ours, theirs])),
		toInternal: Object.fromEntries(pairs.map(({ ours, theirs }) => [theirs, ours])),
		codes: { internal: {}, external: {} }
	};
}

function isMapped(tables: Tables, channelId: string, table: string, side: string, value: string): boolean {
	for (const pair of tables.valuePairsOf(channelId)) {
		if (pair.table === table && (side === 'internal' ? pair.ours : pair.theirs) === value) return true;
	}
	return false;
}

/** `saveAwaiting` in memory. */
export function saveAwaiting(
	tables: Tables,
	{ channelId, entity }: At,
	owners: readonly AwaitingOwner[],
	rows: readonly AwaitingRow[]
): void {
	for (const owner of owners) forget(tables, { channelId, entity }, owner);
	for (const row of rows) tables.awaiting.insert({ channelId, entity, matching: false, ...row, since: tables.now() });
	// Who waited for several records of one entity is woken once.
	const woken = new Map<string, Set<AwaitingTableRow>>();
	for (const { toEntity, side, refId } of rows) {
		const table = valueTableOf(toEntity);
		const linked =
			table !== null
				? isMapped(tables, channelId, table, side, refId)
				: !tables.entities.has(toEntity)
					? false
					: side === 'internal'
						? linksOf(tables, toEntity, channelId, refId).length > 0
						: linkOfExternal(tables, toEntity, channelId, refId) !== undefined;
		if (!linked) continue;
		const waiting = tables.awaitingFor(channelId, toEntity, side, refId);
		woken.set(toEntity, (woken.get(toEntity) ?? new Set()).union(new Set(waiting)));
	}
	for (const waiting of woken.values()) wake(tables, channelId, waiting);
}

/** What the trigger after an INSERT does: who waited for one of the two records goes on, and neither waits to be created. */
export function linkWasMade(tables: Tables, entity: string, link: LinkRow): void {
	if (tables.awaiting.size === 0) return;
	const { channelId, internalId, externalId, variantId } = link;
	forget(tables, { channelId, entity }, { owner: 'internal', ownerId: internalId, variantId: '' });
	forget(tables, { channelId, entity }, { owner: 'external', ownerId: externalId, variantId });
	wakeAll(tables, entity, link);
}

/** What the trigger after a DELETE does. */
export function linkWasEnded(tables: Tables, entity: string, { channelId, id }: LinkRow): void {
	if (tables.awaiting.size > 0) forget(tables, { channelId, entity }, { owner: 'link', ownerId: id, variantId: '' });
}

/** What the trigger after an UPDATE of a link's ids does: links whose record of ours points to it are decided anew, too. */
export function linkWasMoved(tables: Tables, entity: string, link: LinkRow): void {
	wakeAll(tables, entity, link);
	for (const { entity: pointing, records, linksOfRecord } of tables.entities.values()) {
		const fields = referencesOf(pointing).filter(({ to }) => to === entity);
		if (fields.length === 0) continue;
		const links = [...records.all()]
			.filter(({ record }) => fields.some(({ field }) => record.fields[field] === link.internalId))
			.flatMap(({ id }) => [...linksOfRecord(id)])
			.filter(({ channelId }) => channelId === link.channelId);
		markDecidedAnew(tables, pointing.name, inIdOrder(links));
	}
}

function wakeAll(tables: Tables, entity: string, link: LinkRow): void {
	wake(tables, link.channelId, [
		...tables.awaitingFor(link.channelId, entity, 'internal', link.internalId),
		...tables.awaitingFor(link.channelId, entity, 'external', referenceId(link))
	]);
}

/** `cm_wake_awaiting()`. */
export function wake(tables: Tables, channelId: string, rows: Iterable<AwaitingTableRow>): void {
	const links = new Map<string, Set<string>>();
	for (const row of [...rows]) {
		const { entity, owner, ownerId, variantId } = row;
		tables.awaiting.remove(row);
		if (owner === 'link') links.set(entity, (links.get(entity) ?? new Set()).add(ownerId));
		else joinWaitingList(tables, { channelId, entity, side: owner, recordId: ownerId, variantId });
	}
	for (const [entity, ids] of links) {
		const woken = [...ids].sort(compareIds).flatMap((id) => tables.of(entity).links.get(id) ?? []);
		markDecidedAnew(tables, entity, woken);
	}
}

/** No status or id of a link moves with it, so no other trigger has anything to do. */
function markDecidedAnew(tables: Tables, entity: string, rows: readonly LinkRow[]): void {
	const { links } = tables.of(entity);
	for (const link of rows) links.replace(link, { ...link, dirtySeq: link.dirtySeq + 1n });
}

/** What this link or record waits for is waited for no more. */
export function forget(tables: Tables, { channelId, entity }: At, { owner, ownerId, variantId }: AwaitingOwner): void {
	for (const row of [...tables.awaitingOf(channelId, entity, owner, ownerId, variantId)]) tables.awaiting.remove(row);
}

function linksOf(tables: Tables, entity: string, channelId: string, internalId: string): LinkRow[] {
	return [...tables.of(entity).linksOfRecord(internalId)].filter((link) => link.channelId === channelId);
}

function linkOfExternal(tables: Tables, entity: string, channelId: string, id: string): LinkRow | undefined {
	for (const key of externalKeys(id)) {
		const link = tables.of(entity).linkByExternal(channelId, key.id, key.variant);
		if (link) return link;
	}
	return undefined;
}

function seenRecord(tables: Tables, entity: string, channelId: string, id: string) {
	for (const key of externalKeys(id)) {
		const seen = tables.channelRecord(channelId, entity, key.id, key.variant);
		if (seen) return seen;
	}
	return undefined;
}

/** `cm_reference_id()`. */
function referenceId({ externalId, variantId }: LinkRow): string {
	return variantId === '' ? externalId : `${externalId}/${variantId}`;
}
