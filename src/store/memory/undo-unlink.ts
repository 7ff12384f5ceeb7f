import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { intentOpen, linkThereAgain, ourRecordGone, secondaryNotAllowed, unlinkNotUndoable } from '../refusals.ts';
import type { UndoUnlinkInput, UndoUnlinkResult } from '../undo-unlink.ts';
import type { LinkHistoryRow } from './decision-tables.ts';
import { heldBy } from './find-holder.ts';
import { leaveWaitingLists } from './leave-waiting-lists.ts';
import { linkFromJson } from './link-json.ts';
import { dropFailedIntent } from './link-records.ts';
import { tryInsertLinkRow } from './link-triggers.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import { stateBegan } from './state-delta.ts';
import type { LinkRow, Tables } from './tables.ts';

/** `undoUnlink` in memory. */
export function undoUnlink(tables: Tables, input: UndoUnlinkInput): UndoUnlinkResult {
	const ended = tables.linkHistory.get(input.historyId);
	const entity = entityNamed(ended?.entity ?? '');
	if (!ended || !entity || ended.undoneAt !== null) return unlinkNotUndoable();
	if (ended.reason === 'repointed' || ended.reason === 'restored') return unlinkNotUndoable();
	if (tables.channels.get(ended.channelId)?.deletedAt) return unlinkNotUndoable();
	const { channelId, internalId, externalId, variantId, linkId } = ended;
	const link = linkFromJson(entity.map, ended.row);
	if (!link.isPrimary && !tables.channelEntity(channelId, entity.name)?.allowSecondary) {
		return secondaryNotAllowed(tables.channels.get(channelId)?.name ?? '');
	}
	if (!tables.of(entity.name).records.get(internalId)) return ourRecordGone('There is nothing left to link.');
	if (tables.intentOfRecord(channelId, entity.name, internalId)?.state === 'open') return intentOpen('at the channel');
	const there = reinsert(tables, entity, link);
	if (there === null) {
		return heldBy(tables, entity.name, { ...ended, isPrimary: link.isPrimary }) ?? linkThereAgain();
	}
	endMarks(tables, ended);
	leaveWaitingLists(tables, ended);
	const inputs = { historyId: input.historyId };
	const about = { channelId, entity: entity.name, linkId, internalId, externalId, variantId };
	writeJournal(tables, input, { ...about, action: 'undo-unlink', inputs, linkState: stateBegan(there) });
	const detail = { internalId, externalId, variantId, ...inputs };
	writeAudit(tables, input, { action: 'undo-unlink', object: `${entity.name}-link/${linkId}`, channelId, detail });
	return { ok: true, entity: entity.name, linkId, internalId };
}

function reinsert(tables: Tables, entity: Entity, link: LinkRow): LinkRow | null {
	const anew = {
		status: 'pending' as const,
		waiting: null,
		problem: null,
		tries: 0,
		retryAt: null,
		claimedBy: null,
		claimedUntil: null,
		updatedAt: tables.now(),
		stateRev: link.stateRev + 1n,
		dirtySeq: link.dirtySeq + 1n
	};
	return tryInsertLinkRow(tables, entity.name, { ...link, ...anew });
}

function endMarks(tables: Tables, ended: LinkHistoryRow): void {
	const { channelId, entity, internalId, externalId, variantId } = ended;
	const exclusions = new Set([
		...tables.exclusionsOfInternal(channelId, entity, internalId),
		...tables.exclusionsOfExternal(channelId, entity, externalId, variantId)
	]);
	for (const row of exclusions) {
		const ofPair =
			row.kind === 'pair' &&
			row.internalId === internalId &&
			row.externalId === externalId &&
			row.variantId === variantId;
		const ofUnlink = row.kind === 'record' && row.createdAt === ended.endedAt;
		if (ofPair || ofUnlink) tables.exclusions.remove(row);
	}
	tables.linkHistory.replace(ended, { ...ended, undoneAt: tables.now() });
	dropFailedIntent(tables, ended);
}
