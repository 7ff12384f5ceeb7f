import { index, numeric, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { id } from '#src/db/schema/columns.ts';
import { mapTable } from '#src/entities/map-table.ts';
import { recordColumns, recordIndexes } from '#src/entities/record-table.ts';

export const stockLevel = pgTable(
	'm_stock',
	{
		// `value` ("SKU @ WAREHOUSE") and `name`, the product's, are kept by trigger.
		...recordColumns(),
		productId: id('m_product_id').notNull(),
		warehouseId: id('m_warehouse_id').notNull(),
		onHand: numeric('on_hand', { precision: 19, scale: 6 }).notNull(),
		reserved: numeric('reserved', { precision: 19, scale: 6 }),
		/** Held back, so that no channel sells the last ones twice. */
		buffer: numeric('buffer', { precision: 19, scale: 6 }),
		/** On hand less reserved less buffer, kept by trigger. */
		available: numeric('available', { precision: 19, scale: 6 }).notNull(),
		unit: text('unit')
	},
	(table) => [
		...recordIndexes('m_stock', table),
		uniqueIndex('m_stock_key').on(table.productId, table.warehouseId),
		index('m_stock_in_warehouse').on(table.warehouseId, table.id)
	]
);

export const stockLevelMapNames = {
	table: 'c_channel_map_stock',
	internalColumn: 'm_stock_id',
	externalColumn: 'external_stock_id'
};

export const stockLevelMap = mapTable(stockLevelMapNames);
