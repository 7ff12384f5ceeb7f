import { integer, pgTable, primaryKey } from 'drizzle-orm/pg-core';
import { channel } from './channel.ts';
import { id, instant } from './columns.ts';

/** How much waited for a person at a channel in each hour, kept for the chart. */
export const problemHour = pgTable(
	'sync_problem_hour',
	{
		channelId: id('c_channel_id')
			.notNull()
			.references(() => channel.id),
		hour: instant('hour').notNull(),
		/** Links that failed, were set aside or lost a record. */
		problems: integer('problems').notNull(),
		/** Links with a field that a person must settle. */
		conflicts: integer('conflicts').notNull()
	},
	(table) => [primaryKey({ columns: [table.channelId, table.hour] })]
);
