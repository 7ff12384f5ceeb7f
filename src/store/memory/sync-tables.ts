import type { intent, linkCount, outbox } from '#src/db/schema/sync.ts';
import { compositeKey, keyOf, tableById, type UndoLog } from './table.ts';

export type OutboxRow = typeof outbox.$inferSelect;
export type IntentRow = typeof intent.$inferSelect;
export type LinkCountRow = typeof linkCount.$inferSelect;

/** Hints, creates under way and counted links. */
export function syncTables(undo: UndoLog) {
	const intents = tableById<IntentRow>('sync_intent', undo);
	const intentOf = intents.unique('sync_intent_record', keyOf.internal);
	const openIntents = intents.grouped((row) => (row.state === 'open' ? keyOf.channelEntity(row) : null));
	const linkCounts = tableById<LinkCountRow>('sync_link_count', undo);
	const linkCountsOf = linkCounts.grouped(keyOf.channelEntity);
	return {
		outbox: tableById<OutboxRow>('sync_outbox', undo),
		intents,
		intentOfRecord: (channelId: string, entity: string, internalId: string) =>
			intentOf(compositeKey(channelId, entity, internalId)),
		openIntents: (channelId: string, entity: string) => openIntents(compositeKey(channelId, entity)),
		linkCounts,
		linkCountsOf: (channelId: string, entity: string) => linkCountsOf(compositeKey(channelId, entity))
	};
}
