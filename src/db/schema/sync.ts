import { sql } from 'drizzle-orm';
import { bigserial, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Fields } from '#src/sync/fields.ts';
import { channel } from './channel.ts';
import { id, identity, instant } from './columns.ts';

const channelId = () =>
	id('c_channel_id')
		.notNull()
		.references(() => channel.id);
const at = (name: string) =>
	instant(name)
		.notNull()
		.default(sql`now()`);

/** Hints that internal records changed; consumed by deleting the ids read. */
export const outbox = pgTable('sync_outbox', {
	id: bigserial('id', { mode: 'bigint' }).primaryKey(),
	entity: text('entity').notNull(),
	recordId: id('record_id').notNull(),
	rev: id('rev').notNull(),
	/** 'upsert' | 'delete' */
	operation: text('operation').notNull()
});

/** A create that is about to be, or was, sent. Immutable but for its progress. */
export const intent = pgTable(
	'sync_intent',
	{
		id: identity('id'),
		channelId: channelId(),
		entity: text('entity').notNull(),
		internalId: id('internal_id').notNull(),
		reference: text('reference').notNull(),
		fields: jsonb('fields').$type<Fields>().notNull(),
		internalRev: text('internal_rev').notNull(),
		/** 'open' | 'problem'; a bound intent is deleted. */
		state: text('state').notNull().default('open'),
		tries: integer('tries').notNull().default(0),
		/** When the create was last allowed to leave; null = never. */
		sentAt: instant('sent_at'),
		retryAt: instant('retry_at'),
		claimedBy: text('claimed_by'),
		claimedUntil: instant('claimed_until'),
		problem: jsonb('problem').$type<{ kind: string; message: string; hint: string }>(),
		createdAt: at('created_at')
	},
	(table) => [uniqueIndex('sync_intent_record').on(table.channelId, table.entity, table.internalId)]
);

/** Rows of records of ours that were deleted while they had links: what a person can bring back. Kept by trigger. */
export const deletedRecord = pgTable(
	'sync_deleted_record',
	{
		entity: text('entity').notNull(),
		recordId: id('record_id').notNull(),
		/** By column, as it was last. */
		row: jsonb('row').notNull(),
		deletedAt: at('deleted_at')
	},
	(table) => [primaryKey({ columns: [table.entity, table.recordId] })]
);

/** Links by status as appended differences; the sum is the count. */
export const linkCount = pgTable(
	'sync_link_count',
	{
		id: bigserial('id', { mode: 'bigint' }).primaryKey(),
		channelId: id('c_channel_id').notNull(),
		entity: text('entity').notNull(),
		status: text('status').notNull(),
		links: integer('links').notNull()
	},
	(table) => [index('sync_link_count_channel').on(table.channelId, table.entity, table.status)]
);

/** The one installation that may write: a restored copy differs and starts paused. */
export const installation = pgTable('sync_installation', {
	id: integer('id').primaryKey().default(1),
	/** Short random key that our references carry. */
	key: text('key').notNull(),
	systemIdentifier: text('system_identifier').notNull(),
	databaseName: text('database_name').notNull(),
	origin: text('origin').notNull()
});
