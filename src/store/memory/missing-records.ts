import type { Entity } from '#src/entities/entity.ts';
import { epochMicros, isoFromMicros } from '#src/sync/settle.ts';
import type { RecordKey } from '../missing-records.ts';
import { forget } from './awaiting.ts';
import { DatabaseError } from './database-error.ts';
import { joinWaitingLists } from './leave-waiting-lists.ts';
import { markDirty } from './link-triggers.ts';
import type { ChannelRecordRow } from './matching-tables.ts';
import { compareIds, compareText, inIdOrder } from './table.ts';
import type { LinkRow, Tables } from './tables.ts';
import { isExternalExcluded } from './waiting-list.ts';

/** `suspectMissing` in memory. */
export function suspectMissing(
	tables: Tables,
	input: { channelId: string; entity: Entity; startedAt: string; limit: number }
): { suspects: RecordKey[]; total: number; known: number } {
	const startedAt = instantText(input.startedAt);
	let known = 0;
	const unseen: ChannelRecordRow[] = [];
	for (const record of tables.channelRecordsOf(input.channelId, input.entity.name)) {
		if (record.deletedAt !== null) continue;
		known++;
		if (record.seenAt < startedAt) unseen.push(record);
	}
	const suspects = unseen
		.filter((record) => !isExternalExcluded(tables, record))
		.sort((one, other) => compareText(one.externalId, other.externalId) || compareText(one.variantId, other.variantId))
		.slice(0, input.limit)
		.map(({ externalId, variantId }) => ({ id: externalId, variantId }));
	return { suspects, total: unseen.length, known };
}

/** `confirmMissing` in memory. */
export function confirmMissing(
	tables: Tables,
	input: { channelId: string; entity: Entity; gone: readonly RecordKey[]; present: readonly RecordKey[] }
): void {
	const { channelId } = input;
	const entity = input.entity.name;
	const links = new Set<LinkRow>();
	for (const { id, variantId } of input.gone) {
		const link = tables.of(entity).linkByExternal(channelId, id, variantId);
		if (link) links.add(link);
	}
	markDirty(tables, entity, inIdOrder(links), true);
	const now = tables.now();
	for (const { id, variantId } of input.gone) {
		const record = tables.channelRecord(channelId, entity, id, variantId);
		if (record?.deletedAt === null) tables.channelRecords.replace(record, { ...record, deletedAt: now });
		for (const suggestion of [...tables.suggestionsOf(channelId, entity)]) {
			if (suggestion.externalId !== id || suggestion.variantId !== variantId) continue;
			tables.suggestions.remove(suggestion);
			joinWaitingLists(tables, { ...suggestion, externalId: null });
		}
		forget(tables, { channelId, entity }, { owner: 'external', ownerId: id, variantId });
	}
	for (const { id, variantId } of input.present) {
		const record = tables.channelRecord(channelId, entity, id, variantId);
		if (record) tables.channelRecords.replace(record, { ...record, seenAt: now });
	}
}

/** `databaseNow` in memory. */
export function databaseNow(tables: Tables): string {
	return tables.now();
}

/** `endSweep` in memory. */
export function endSweep(
	tables: Tables,
	input: { channelId: string; entity: string; startedAt: string; fingerprint: string }
): void {
	const settings = tables.channelEntity(input.channelId, input.entity);
	if (!settings) return;
	const sweptAt = instantText(input.startedAt);
	tables.channelEntities.replace(settings, { ...settings, sweptAt, fingerprint: input.fingerprint });
	const hold = tables.openHold(input.channelId, input.entity, 'absences');
	if (hold) tables.holds.replace(hold, { ...hold, state: 'gone', decidedBy: 'engine', decidedAt: tables.now() });
}

/** `markStaleLinks` in memory. */
export function markStaleLinks(
	tables: Tables,
	input: { channelId: string; entity: Entity; afterId: string; limit: number; fingerprint: string }
): string | null {
	const { linksOfChannel, records } = tables.of(input.entity.name);
	const after: LinkRow[] = [];
	for (const link of linksOfChannel(input.channelId)) if (compareIds(link.id, input.afterId) > 0) after.push(link);
	const page = inIdOrder(after).slice(0, input.limit);
	const stale = page.filter((link) => {
		if (link.dirtySeq !== link.cleanSeq) return false;
		const record = records.get(link.internalId)?.record;
		if (link.codecFingerprint !== input.fingerprint) return true;
		if (!record) return link.status !== 'orphan';
		return link.internalVersion !== record.rev || link.problem?.kind === 'missing-internal';
	});
	markDirty(tables, input.entity.name, stale, false);
	return page.length < input.limit ? null : (page.at(-1)?.id ?? null);
}

/** A time as the tables keep it. */
function instantText(iso: string): string {
	const micros = epochMicros(iso);
	if (micros === null)
		throw new DatabaseError('22007', `invalid input syntax for type timestamp with time zone: "${iso}"`);
	return isoFromMicros(micros);
}
