import type { customField } from '#src/db/schema/custom-field.ts';
import type { intent, linkCount, outbox } from '#src/db/schema/sync.ts';
import { compositeKey, keyOf, tableById, type UndoLog } from './table.ts';

export type OutboxRow = typeof outbox.$inferSelect;
export type IntentRow = typeof intent.$inferSelect;
export type LinkCountRow = typeof linkCount.$inferSelect;
export type CustomFieldRow = typeof customField.$inferSelect;

/** Hints, creates under way, counted links and custom fields. */
export function syncTables(undo: UndoLog) {
	const intents = tableById<IntentRow>('sync_intent', undo);
	const intentOf = intents.unique('sync_intent_record', keyOf.internal);
	const openIntents = intents.grouped((row) => (row.state === 'open' ? keyOf.channelEntity(row) : null));
	const linkCounts = tableById<LinkCountRow>('sync_link_count', undo);
	const linkCountsOf = linkCounts.grouped(keyOf.channelEntity);
	const customFields = tableById<CustomFieldRow>('sync_custom_field', undo);
	customFields.unique('sync_custom_field_name', ({ entity, name }) => compositeKey(entity, name));
	return {
		outbox: tableById<OutboxRow>('sync_outbox', undo),
		intents,
		intentOfRecord: (channelId: string, entity: string, internalId: string) =>
			intentOf(compositeKey(channelId, entity, internalId)),
		openIntents: (channelId: string, entity: string) => openIntents(compositeKey(channelId, entity)),
		customFields,
		/** Those of an entity that are not removed. */
		liveCustomFields: customFields.grouped((row) => (row.removedAt === null ? row.entity : null)),
		linkCounts,
		linkCountsOf: (channelId: string, entity: string) => linkCountsOf(compositeKey(channelId, entity))
	};
}
