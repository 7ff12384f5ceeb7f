import { index, numeric, pgTable, uniqueIndex } from 'drizzle-orm/pg-core';
import { id } from '#src/db/schema/columns.ts';
import { mapTable } from '#src/entities/map-table.ts';
import { recordColumns, recordIndexes } from '#src/entities/record-table.ts';

export const productPrice = pgTable(
	'm_productprice',
	{
		// `value` ("SKU @ LIST") and `name`, the product's, are kept by trigger.
		...recordColumns(),
		productId: id('m_product_id').notNull(),
		priceListId: id('m_pricelist_id').notNull(),
		price: numeric('price', { precision: 19, scale: 6 })
	},
	(table) => [
		...recordIndexes('m_productprice', table),
		uniqueIndex('m_productprice_key').on(table.productId, table.priceListId),
		index('m_productprice_of_list').on(table.priceListId, table.id)
	]
);

export const productPriceMapNames = {
	table: 'c_channel_map_productprice',
	internalColumn: 'm_productprice_id',
	externalColumn: 'external_productprice_id'
};

export const productPriceMap = mapTable(productPriceMapNames);
