import type { valuePair } from '#src/db/schema/value-table.ts';
import type { channelWebhook, hint, webhook } from '#src/db/schema/webhook.ts';
import { compositeKey, keyOf, Table, tableById, type UndoLog } from './table.ts';

export type ChannelWebhookRow = typeof channelWebhook.$inferSelect;
export type WebhookRow = typeof webhook.$inferSelect;
export type HintRow = typeof hint.$inferSelect;
export type ValuePairRow = typeof valuePair.$inferSelect;

/** Webhooks and what they named; value tables. */
export function webhookTables(undo: UndoLog) {
	const channelWebhooks = new Table<ChannelWebhookRow>(
		'c_channel_webhook',
		undo,
		({ channelId }) => compositeKey(channelId),
		false
	);
	const webhooks = new Table<WebhookRow>(
		'sync_webhook',
		undo,
		({ channelId, hookId }) => compositeKey(channelId, hookId),
		false
	);
	const hints = new Table<HintRow>('sync_hint', undo, keyOf.external, false);
	const hintsOf = hints.grouped(keyOf.channelEntity);
	const valuePairs = tableById<ValuePairRow>('c_channel_value', undo);
	const pair = valuePairs.unique('c_channel_value_pair', ({ channelId, table, ours, theirs }) =>
		compositeKey(channelId, table, ours, theirs)
	);
	return {
		channelWebhooks,
		webhooks,
		webhook: (channelId: string, hookId: string) => webhooks.get(compositeKey(channelId, hookId)),
		webhooksOf: webhooks.grouped(({ channelId }) => channelId),
		hints,
		hint: (channelId: string, entity: string, externalId: string, variantId: string) =>
			hints.get(compositeKey(channelId, entity, externalId, variantId)),
		hintsOf: (channelId: string, entity: string) => hintsOf(compositeKey(channelId, entity)),
		valuePairs,
		valuePairsOf: valuePairs.grouped(({ channelId }) => channelId),
		valuePair: (channelId: string, table: string, ours: string, theirs: string) =>
			pair(compositeKey(channelId, table, ours, theirs))
	};
}
