import { sql } from 'drizzle-orm';
import { pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { id, instant } from './columns.ts';

/** Records that were renamed, and after which too many others are called to follow at once; worked off in slices. */
export const rename = pgTable(
	'sync_rename',
	{
		recordTable: text('record_table').notNull(),
		/** Of that table: it points to the renamed record. */
		columnName: text('column_name').notNull(),
		parentId: id('parent_id').notNull(),
		/** Up to this id they have followed. */
		afterId: id('after_id')
			.notNull()
			.default(sql`0`),
		since: instant('since')
			.notNull()
			.default(sql`now()`)
	},
	(table) => [primaryKey({ columns: [table.recordTable, table.columnName, table.parentId] })]
);
