import type { awaiting } from '#src/db/schema/references.ts';
import type { candidate, channelRecord, exclusion, suggestion } from '#src/db/schema/matching.ts';
import { compositeKey, keyOf, Table, tableById, type UndoLog } from './table.ts';

export type ChannelRecordRow = typeof channelRecord.$inferSelect;
export type CandidateRow = typeof candidate.$inferSelect;
export type AwaitingTableRow = typeof awaiting.$inferSelect;
export type SuggestionRow = typeof suggestion.$inferSelect;
export type ExclusionRow = typeof exclusion.$inferSelect;

/** What scans saw, and what may become of it. */
export function matchingTables(undo: UndoLog) {
	const channelRecords = new Table<ChannelRecordRow>('c_channel_record', undo, keyOf.external, false);
	const channelRecordsOf = channelRecords.grouped(keyOf.channelEntity);
	const candidates = new Table<CandidateRow>(
		'sync_candidate',
		undo,
		(row) => compositeKey(row.channelId, row.entity, row.side, row.recordId, row.variantId),
		false
	);
	const candidatesOf = candidates.grouped(keyOf.channelEntity);
	const waiting = new Table<AwaitingTableRow>(
		'sync_awaiting',
		undo,
		(row) =>
			compositeKey(row.channelId, row.entity, row.owner, row.ownerId, row.variantId, row.field, row.side, row.refId),
		false
	);
	const ofOwner = waiting.grouped((row) =>
		compositeKey(row.channelId, row.entity, row.owner, row.ownerId, row.variantId)
	);
	const forReference = waiting.grouped((row) => compositeKey(row.channelId, row.toEntity, row.side, row.refId));
	const suggestions = tableById<SuggestionRow>('c_channel_suggestion', undo);
	const pair = suggestions.unique('c_channel_suggestion_pair', (row) =>
		compositeKey(row.channelId, row.entity, row.internalId, row.externalId, row.variantId)
	);
	const suggestionsOf = suggestions.grouped(keyOf.channelEntity);
	const exclusions = tableById<ExclusionRow>('c_channel_exclusion', undo);
	const ofInternal = exclusions.grouped(({ channelId, entity, internalId }) =>
		internalId === null ? null : keyOf.internal({ channelId, entity, internalId })
	);
	const ofExternal = exclusions.grouped(({ channelId, entity, externalId, variantId }) =>
		externalId === null ? null : keyOf.external({ channelId, entity, externalId, variantId })
	);
	return {
		channelRecords,
		channelRecord: (channelId: string, entity: string, externalId: string, variantId: string) =>
			channelRecords.get(compositeKey(channelId, entity, externalId, variantId)),
		channelRecordsOf: (channelId: string, entity: string) => channelRecordsOf(compositeKey(channelId, entity)),
		candidates,
		candidate: (channelId: string, entity: string, side: string, recordId: string, variantId: string) =>
			candidates.get(compositeKey(channelId, entity, side, recordId, variantId)),
		candidatesOf: (channelId: string, entity: string) => candidatesOf(compositeKey(channelId, entity)),
		awaiting: waiting,
		/** What this link or record waits for. */
		awaitingOf: (channelId: string, entity: string, owner: string, ownerId: string, variantId: string) =>
			ofOwner(compositeKey(channelId, entity, owner, ownerId, variantId)),
		/** Who waits for this record to be linked. */
		awaitingFor: (channelId: string, toEntity: string, side: string, refId: string) =>
			forReference(compositeKey(channelId, toEntity, side, refId)),
		suggestions,
		suggestionOfPair: (channelId: string, entity: string, internalId: string, externalId: string, variantId: string) =>
			pair(compositeKey(channelId, entity, internalId, externalId, variantId)),
		suggestionsOf: (channelId: string, entity: string) => suggestionsOf(compositeKey(channelId, entity)),
		exclusions,
		/** Exclusions of either kind that name this record of ours. */
		exclusionsOfInternal: (channelId: string, entity: string, internalId: string) =>
			ofInternal(compositeKey(channelId, entity, internalId)),
		/** Exclusions of either kind that name this record of the channel. */
		exclusionsOfExternal: (channelId: string, entity: string, externalId: string, variantId: string) =>
			ofExternal(compositeKey(channelId, entity, externalId, variantId))
	};
}
