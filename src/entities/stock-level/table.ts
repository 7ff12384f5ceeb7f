import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, numeric, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { id, identity, instant } from '#src/db/schema/columns.ts';
import { mapTable } from '#src/entities/map-table.ts';

export const stockLevel = pgTable(
	'm_stock',
	{
		id: identity('id'),
		/** "SKU @ WAREHOUSE" and the product's name, kept by trigger. */
		value: text('value').notNull().unique(),
		name: text('name').notNull(),
		productId: id('m_product_id').notNull(),
		warehouseId: id('m_warehouse_id').notNull(),
		onHand: numeric('on_hand', { precision: 19, scale: 6 }).notNull(),
		reserved: numeric('reserved', { precision: 19, scale: 6 }),
		/** Held back, so that no channel sells the last ones twice. */
		buffer: numeric('buffer', { precision: 19, scale: 6 }),
		/** On hand less reserved less buffer, kept by trigger. */
		available: numeric('available', { precision: 19, scale: 6 }).notNull(),
		unit: text('unit'),
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
		uniqueIndex('m_stock_key').on(table.productId, table.warehouseId),
		index('m_stock_in_warehouse').on(table.warehouseId, table.id),
		index('m_stock_value_code').on(sql`match_code(value)`),
		index('m_stock_name').on(table.name, table.id),
		index('m_stock_search').using('gin', sql`(lower(value || ' ' || name)) gin_trgm_ops`)
	]
);

export const stockLevelMapNames = {
	table: 'c_channel_map_stock',
	internalColumn: 'm_stock_id',
	externalColumn: 'external_stock_id'
};

export const stockLevelMap = mapTable(stockLevelMapNames);
