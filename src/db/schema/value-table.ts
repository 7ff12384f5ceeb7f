import { sql } from 'drizzle-orm';
import { index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { channel } from './channel.ts';
import { id, identity, instant } from './columns.ts';

/** What one value of ours is called at a channel: tax classes, units, countries, states. */
export const valuePair = pgTable(
	'c_channel_value',
	{
		id: identity('id'),
		channelId: id('c_channel_id')
			.notNull()
			.references(() => channel.id),
		/** Name of the value table: 'tax-class'. */
		table: text('value_table').notNull(),
		ours: text('ours').notNull(),
		theirs: text('theirs').notNull(),
		createdBy: text('created_by').notNull(),
		createdAt: instant('created_at')
			.notNull()
			.default(sql`now()`)
	},
	(table) => [
		uniqueIndex('c_channel_value_pair').on(table.channelId, table.table, table.ours, table.theirs),
		index('c_channel_value_theirs').on(table.channelId, table.table, table.theirs)
	]
);
