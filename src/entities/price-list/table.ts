import { pgTable, text } from 'drizzle-orm/pg-core';
import { mapTable } from '#src/entities/map-table.ts';
import { recordColumns, recordIndexes } from '#src/entities/record-table.ts';

export const priceList = pgTable(
	'm_pricelist',
	{
		...recordColumns(),
		/** ISO 4217; of all its prices. */
		currency: text('currency')
	},
	(table) => [...recordIndexes('m_pricelist', table)]
);

export const priceListMapNames = {
	table: 'c_channel_map_pricelist',
	internalColumn: 'm_pricelist_id',
	externalColumn: 'external_pricelist_id'
};

export const priceListMap = mapTable(priceListMapNames);
