import { sql } from 'drizzle-orm';
import { index, numeric, pgTable, text } from 'drizzle-orm/pg-core';
import { id } from '#src/db/schema/columns.ts';
import { mapTable } from '#src/entities/map-table.ts';
import { recordColumns, recordIndexes } from '#src/entities/record-table.ts';

export const product = pgTable(
	'm_product',
	{
		...recordColumns(),
		description: text('description'),
		gtin: text('gtin'),
		price: numeric('price', { precision: 19, scale: 6 }),
		currency: text('currency'),
		weight: numeric('weight', { precision: 19, scale: 6 }),
		/** A product category of ours. */
		categoryId: id('m_product_category_id'),
		/** The parent product of ours that it is a variant of. */
		parentId: id('m_product_parent_id')
	},
	(table) => [
		...recordIndexes('m_product', table),
		index('m_product_gtin_code').on(sql`match_code(gtin)`),
		index('m_product_in_category').on(table.categoryId),
		index('m_product_variant_of').on(table.parentId)
	]
);

export const productMapNames = {
	table: 'c_channel_map_product',
	internalColumn: 'm_product_id',
	externalColumn: 'external_product_id'
};

export const productMap = mapTable(productMapNames);
