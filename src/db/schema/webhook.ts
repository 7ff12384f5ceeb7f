import { sql } from 'drizzle-orm';
import { index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { channel } from './channel.ts';
import { id, instant } from './columns.ts';

const channelId = () =>
	id('c_channel_id')
		.notNull()
		.references(() => channel.id);
const at = (name: string) =>
	instant(name)
		.notNull()
		.default(sql`now()`);

/** How a channel may tell us that something changed there. Without a row its webhooks are refused. */
export const channelWebhook = pgTable('c_channel_webhook', {
	channelId: channelId().primaryKey(),
	/** Sealed like a credential. */
	secret: text('secret').notNull(),
	/** The one before it, good until `previousUntil`. */
	previousSecret: text('previous_secret'),
	previousUntil: instant('previous_until'),
	changedAt: at('changed_at'),
	changedBy: text('changed_by').notNull(),
	/** When the last genuine webhook came, to about a second. */
	receivedAt: instant('received_at')
});

/** Webhooks of the last hour, so that one that comes again does nothing. */
export const webhook = pgTable(
	'sync_webhook',
	{
		channelId: channelId(),
		/** The sender's id of it. */
		hookId: text('hook_id').notNull(),
		receivedAt: at('received_at')
	},
	(table) => [
		primaryKey({ columns: [table.channelId, table.hookId] }),
		index('sync_webhook_age').on(table.channelId, table.receivedAt)
	]
);

/** Records of a channel that a webhook named: to be read, wherever they are linked. A row is deleted once taken. */
export const hint = pgTable(
	'sync_hint',
	{
		channelId: channelId(),
		entity: text('entity').notNull(),
		externalId: text('external_id').notNull(),
		/** '' = every variant of the record. */
		variantId: text('external_variant_id').notNull().default('')
	},
	(table) => [primaryKey({ columns: [table.channelId, table.entity, table.externalId, table.variantId] })]
);
