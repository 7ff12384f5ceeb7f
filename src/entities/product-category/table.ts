import { index, pgTable } from 'drizzle-orm/pg-core';
import { id } from '#src/db/schema/columns.ts';
import { mapTable } from '#src/entities/map-table.ts';
import { recordColumns, recordIndexes } from '#src/entities/record-table.ts';

export const productCategory = pgTable(
	'm_product_category',
	{
		...recordColumns(),
		/** The category above. */
		parentId: id('m_product_category_parent_id')
	},
	(table) => [...recordIndexes('m_product_category', table), index('m_product_category_parent').on(table.parentId)]
);

export const productCategoryMapNames = {
	table: 'c_channel_map_product_category',
	internalColumn: 'm_product_category_id',
	externalColumn: 'external_category_id'
};

export const productCategoryMap = mapTable(productCategoryMapNames);
