import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, text, type AnyPgColumn } from 'drizzle-orm/pg-core';
import { id, identity, instant } from '#src/db/schema/columns.ts';

/** What every table of records of ours has. Triggers keep `changed`, `rev` and `updated_at`, whoever writes. */
export function recordColumns() {
	return {
		id: identity('id'),
		value: text('value').notNull().unique(),
		name: text('name').notNull(),
		isActive: boolean('is_active').notNull().default(true),
		/** Values of fields that an administrator added, by name. */
		attributes: jsonb('attributes').$type<Record<string, string>>().notNull().default({}),
		/** When each field last changed, by name. */
		changed: jsonb('changed').$type<Record<string, string>>().notNull().default({}),
		rev: id('rev')
			.notNull()
			.default(sql`1`),
		createdAt: instant('created_at')
			.notNull()
			.default(sql`now()`),
		updatedAt: instant('updated_at')
			.notNull()
			.default(sql`now()`)
	};
}

/** The indexes that lists, searches and matching of these records need, named after the table. */
export function recordIndexes(name: string, table: { id: AnyPgColumn; name: AnyPgColumn }) {
	return [
		index(`${name}_value_code`).on(sql`match_code(value)`),
		index(`${name}_name`).on(table.name, table.id),
		index(`${name}_search`).using('gin', sql`(lower(value || ' ' || name)) gin_trgm_ops`)
	];
}
