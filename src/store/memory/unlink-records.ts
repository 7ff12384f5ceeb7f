import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { unknownEntity, unknownLink } from '../refusals.ts';
import type { UnlinkRecordsInput, UnlinkRecordsResult } from '../unlink-records.ts';
import { insertExclusions } from './exclusions.ts';
import { leaveWaitingLists } from './leave-waiting-lists.ts';
import { linkToJson } from './link-json.ts';
import { deleteLinkRows } from './link-triggers.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import type { LinkRow, Tables } from './tables.ts';

/** `unlinkRecords` in memory. */
export function unlinkRecords(tables: Tables, input: UnlinkRecordsInput): UnlinkRecordsResult {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const link = tables.of(entity.name).links.get(input.linkId);
	if (!link) return unknownLink();
	const reason = input.reason?.trim() ?? '';
	const historyId = archiveLink(tables, entity, link, { endedBy: input.actor.name, reason });
	deleteLinkRows(tables, entity.name, [link]);
	endOpenConflicts(tables, entity.name, link.id);
	const { channelId, internalId, externalId, variantId } = link;
	const pair = { channelId, entity: entity.name, internalId, externalId, variantId };
	leaveWaitingLists(tables, pair);
	const all = { pair: true, internal: true, external: true };
	const why = input.excludeReason?.trim() || 'unlinked';
	insertExclusions(tables, pair, { ...all, reason: why, createdBy: input.actor.name });
	const inputs = { historyId, reason, baseInternal: link.baseInternal, baseExternal: link.baseExternal };
	const linkState = { ended: true as const };
	writeJournal(tables, input, { ...pair, linkId: link.id, action: 'unlink', inputs, linkState });
	const detail = { internalId, externalId, variantId, historyId, reason };
	writeAudit(tables, input, { action: 'unlink', object: `${entity.name}-link/${link.id}`, channelId, detail });
	return { ok: true, historyId, internalId, externalId, channelId };
}

/** `archiveLink` in memory. */
export function archiveLink(
	tables: Tables,
	entity: Entity,
	link: LinkRow,
	{ endedBy, reason }: { endedBy: string; reason: string }
): string {
	const { channelId, internalId, externalId, variantId } = link;
	const history = tables.linkHistory.insert({
		id: tables.linkHistory.nextId(),
		entity: entity.name,
		linkId: link.id,
		channelId,
		internalId,
		externalId,
		variantId,
		row: linkToJson(entity.map, link),
		endedBy,
		reason,
		endedAt: tables.now(),
		undoneAt: null,
		bulkJobId: null
	});
	return history.id;
}

/** `endOpenConflicts` in memory. */
export function endOpenConflicts(tables: Tables, entity: string, linkId: string): void {
	for (const conflict of [...tables.openConflictsOfLink(entity, linkId)]) {
		tables.conflicts.replace(conflict, { ...conflict, state: 'gone', decidedAt: tables.now() });
	}
}
