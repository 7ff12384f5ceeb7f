import type { RecordPageInput, SeenRecord } from '../record-page.ts';
import { insertBatch } from './journal-rows.ts';
import { markDirty, updateLinkRows, type LinkUpdate } from './link-triggers.ts';
import type { ChannelRecordRow } from './matching-tables.ts';
import { runInHands } from './runs.ts';
import { contains, sameFields } from './same-fields.ts';
import { compareText, compositeKey } from './table.ts';
import type { LinkRow, Tables } from './tables.ts';
import { isExternalExcluded, joinWaitingList } from './waiting-list.ts';

type Changed = { record: SeenRecord; content: boolean };

/** `recordPage` in memory. */
export function recordPage(tables: Tables, input: RecordPageInput): { changed: number } | null {
	const { channelId, cursor, run } = input;
	if (run && !runInHands(tables, run)) return null;
	if (tables.channels.get(channelId)?.deletedAt !== null) return null;
	const entity = input.entity.name;
	const changed = upsertRecords(tables, input);
	markChanged(tables, input, changed);
	moveVersions(tables, input, changed);
	for (const { record, content } of changed) {
		if (!content) continue;
		const { externalId, variantId } = record;
		if (tables.of(entity).linkByExternal(channelId, externalId, variantId)) continue;
		if (isExternalExcluded(tables, { channelId, entity, externalId, variantId })) continue;
		joinWaitingList(tables, { channelId, entity, side: 'external', recordId: externalId, variantId });
	}
	const settings = tables.channelEntity(channelId, entity);
	if (settings && cursor !== null && settings.cursor !== cursor) {
		tables.channelEntities.replace(settings, { ...settings, cursor });
	}
	if (run !== null && input.records.length > 0) {
		insertBatch(tables, run.runId, 'scan', { scanned: input.records.length, changed: changed.length });
	}
	return { changed: changed.length };
}

function upsertRecords(tables: Tables, input: RecordPageInput): Changed[] {
	const { channelId } = input;
	const entity = input.entity.name;
	const page = new Map<string, SeenRecord>();
	for (const record of input.records) {
		const key = compositeKey(record.externalId, record.variantId);
		if (!page.has(key)) page.set(key, record);
	}
	const changed: Changed[] = [];
	for (const record of page.values()) {
		const before = tables.channelRecord(channelId, entity, record.externalId, record.variantId);
		const content = !before || hasOtherContent(before, record);
		const tags = !before || before.version !== record.version || before.stamp !== record.stamp;
		if (content || tags) changed.push({ record, content });
		if (content || tags || input.complete) put(tables, { channelId, entity }, record, before);
	}
	return changed.sort(
		(one, other) =>
			compareText(one.record.externalId, other.record.externalId) ||
			compareText(one.record.variantId, other.record.variantId)
	);
}

function hasOtherContent(before: ChannelRecordRow, record: SeenRecord): boolean {
	return (
		before.deletedAt !== null || before.reference !== record.reference || !sameFields(before.fields, record.fields)
	);
}

function put(
	tables: Tables,
	at: { channelId: string; entity: string },
	record: SeenRecord,
	before: ChannelRecordRow | undefined
): void {
	const { externalId, variantId, fields, version, stamp, reference, url, matchKeys } = record;
	const row: ChannelRecordRow = {
		channelId: at.channelId,
		entity: at.entity,
		externalId,
		variantId,
		fields,
		version,
		stamp,
		reference,
		url,
		matchKeys: [...matchKeys],
		seenAt: tables.now(),
		deletedAt: null
	};
	if (before) {
		tables.channelRecords.replace(before, row);
		return;
	}
	tables.channelRecords.insert(row);
	tables.requireChannel('c_channel_record', at.channelId);
}

function markChanged(tables: Tables, input: RecordPageInput, changed: readonly Changed[]): void {
	const links: LinkRow[] = [];
	for (const { record, content } of changed) {
		const link = linkOf(tables, input, record);
		if (link && (content || link.unconfirmed.length > 0)) links.push(link);
	}
	markDirty(tables, input.entity.name, links, true);
}

/** Only the channel's own tags moved: a link that agrees takes them over. */
function moveVersions(tables: Tables, input: RecordPageInput, changed: readonly Changed[]): void {
	const updates: LinkUpdate[] = [];
	for (const { record, content } of changed) {
		const link = content ? undefined : linkOf(tables, input, record);
		if (link?.status !== 'in-sync' || link.dirtySeq !== link.cleanSeq) continue;
		if (link.baseExternal === null || !contains(record.fields, link.baseExternal)) continue;
		updates.push({
			before: link,
			set: { externalVersion: record.version, externalStamp: record.stamp, stampPassed: false }
		});
	}
	updateLinkRows(tables, input.entity.name, updates);
}

function linkOf(tables: Tables, input: RecordPageInput, record: SeenRecord): LinkRow | undefined {
	return tables.of(input.entity.name).linkByExternal(input.channelId, record.externalId, record.variantId);
}
