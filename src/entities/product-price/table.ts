import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, numeric, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { id, identity, instant } from '#src/db/schema/columns.ts';
import { mapTable } from '#src/entities/map-table.ts';

export const productPrice = pgTable(
	'm_productprice',
	{
		id: identity('id'),
		/** "SKU @ LIST" and the product's name, kept by trigger. */
		value: text('value').notNull().unique(),
		name: text('name').notNull(),
		productId: id('m_product_id').notNull(),
		priceListId: id('m_pricelist_id').notNull(),
		price: numeric('price', { precision: 19, scale: 6 }),
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
		uniqueIndex('m_productprice_key').on(table.productId, table.priceListId),
		index('m_productprice_of_list').on(table.priceListId, table.id),
		index('m_productprice_value_code').on(sql`match_code(value)`),
		index('m_productprice_name').on(table.name, table.id),
		index('m_productprice_search').using('gin', sql`(lower(value || ' ' || name)) gin_trgm_ops`)
	]
);

export const productPriceMapNames = {
	table: 'c_channel_map_productprice',
	internalColumn: 'm_productprice_id',
	externalColumn: 'external_productprice_id'
};

export const productPriceMap = mapTable(productPriceMapNames);
