import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, numeric, pgTable, text } from 'drizzle-orm/pg-core';
import { id, identity, instant } from '#src/db/schema/columns.ts';
import { mapTable } from '#src/entities/map-table.ts';

export const product = pgTable(
	'm_product',
	{
		id: identity('id'),
		value: text('value').notNull().unique(),
		name: text('name').notNull(),
		description: text('description'),
		gtin: text('gtin'),
		price: numeric('price', { precision: 19, scale: 6 }),
		currency: text('currency'),
		weight: numeric('weight', { precision: 19, scale: 6 }),
		/** A product category of ours. */
		categoryId: id('m_product_category_id'),
		isActive: boolean('is_active').notNull().default(true),
		attributes: jsonb('attributes').$type<Record<string, string>>().notNull().default({}),
		/** When each field last changed, by name; kept by trigger. */
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
	},
	(table) => [
		index('m_product_value_code').on(sql`match_code(value)`),
		index('m_product_gtin_code').on(sql`match_code(gtin)`),
		index('m_product_in_category').on(table.categoryId),
		index('m_product_name').on(table.name, table.id),
		index('m_product_search').using('gin', sql`(lower(value || ' ' || name)) gin_trgm_ops`)
	]
);

export const productMapNames = {
	table: 'c_channel_map_product',
	internalColumn: 'm_product_id',
	externalColumn: 'external_product_id'
};

export const productMap = mapTable(productMapNames);
