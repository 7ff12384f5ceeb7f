import { index, numeric, pgTable, text } from 'drizzle-orm/pg-core';
import { id } from '#src/db/schema/columns.ts';
import { mapTable } from '#src/entities/map-table.ts';
import { recordColumns, recordIndexes } from '#src/entities/record-table.ts';

export const productParent = pgTable(
	'm_product_parent',
	{
		...recordColumns(),
		description: text('description'),
		price: numeric('price', { precision: 19, scale: 6 }),
		currency: text('currency'),
		/** A product category of ours. */
		categoryId: id('m_product_category_id')
	},
	(table) => [...recordIndexes('m_product_parent', table), index('m_product_parent_in_category').on(table.categoryId)]
);

export const productParentMapNames = {
	table: 'c_channel_map_product_parent',
	internalColumn: 'm_product_parent_id',
	externalColumn: 'external_parent_id'
};

export const productParentMap = mapTable(productParentMapNames);
