import { sql } from 'drizzle-orm';
import { integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { identity, instant } from './columns.ts';

/** A field that an administrator added to an entity: its values are in `attributes` of the records, under its name. */
export const customField = pgTable(
	'sync_custom_field',
	{
		id: identity('id'),
		entity: text('entity').notNull(),
		/** Never changes, and is never given to another field of the entity. */
		name: text('name').notNull(),
		label: text('label').notNull(),
		type: text('type').$type<'text' | 'decimal' | 'boolean'>().notNull(),
		/** Of texts. */
		maxLength: integer('max_length'),
		/** Digits after the point, of decimals. */
		scale: integer('scale'),
		/** Place among the custom fields of the entity. */
		position: integer('position').notNull(),
		createdBy: text('created_by').notNull(),
		createdAt: instant('created_at')
			.notNull()
			.default(sql`now()`),
		/** When it last began or ended to be synced: what was compared before is compared anew. */
		changedAt: instant('changed_at')
			.notNull()
			.default(sql`now()`),
		/** Since when it is no field any more; its values stay. */
		removedAt: instant('removed_at')
	},
	(table) => [uniqueIndex('sync_custom_field_name').on(table.entity, table.name)]
);
