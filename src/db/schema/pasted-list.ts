import { sql } from 'drizzle-orm';
import { boolean, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { channel } from './channel.ts';
import { id, identity, instant } from './columns.ts';

/** Codes or ids that a person pasted to see just their records in the lists of one channel and entity. */
export const pastedList = pgTable(
	'sync_pasted_list',
	{
		id: identity('id'),
		channelId: id('c_channel_id')
			.notNull()
			.references(() => channel.id),
		entity: text('entity').notNull(),
		/** Who pasted it. */
		owner: text('owner').notNull(),
		/** Distinct entries. */
		entries: integer('entries').notNull(),
		createdAt: instant('created_at')
			.notNull()
			.default(sql`now()`)
	},
	(table) => [index('sync_pasted_list_age').on(table.createdAt)]
);

/** One line of a pasted list. */
export const pastedEntry = pgTable(
	'sync_pasted_entry',
	{
		listId: id('list_id')
			.notNull()
			.references(() => pastedList.id, { onDelete: 'cascade' }),
		/** Where it stood, from 1. */
		place: integer('place').notNull(),
		entry: text('entry').notNull(),
		/** A record of ours or of the channel is meant by it. */
		found: boolean('found').notNull()
	},
	(table) => [
		primaryKey({ columns: [table.listId, table.place] }),
		index('sync_pasted_entry_not_found')
			.on(table.listId, table.place)
			.where(sql`not found`)
	]
);

/** A record that a line means: one of ours, or one of the channel's. */
export const pastedHit = pgTable(
	'sync_pasted_hit',
	{
		id: identity('id'),
		listId: id('list_id')
			.notNull()
			.references(() => pastedList.id, { onDelete: 'cascade' }),
		place: integer('place').notNull(),
		internalId: id('internal_id'),
		externalId: text('external_id'),
		variantId: text('external_variant_id').notNull().default('')
	},
	(table) => [index('sync_pasted_hit_list').on(table.listId, table.id)]
);
