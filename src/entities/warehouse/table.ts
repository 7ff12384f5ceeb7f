import { pgTable } from 'drizzle-orm/pg-core';
import { mapTable } from '#src/entities/map-table.ts';
import { recordColumns, recordIndexes } from '#src/entities/record-table.ts';

export const warehouse = pgTable('m_warehouse', recordColumns(), (table) => recordIndexes('m_warehouse', table));

export const warehouseMapNames = {
	table: 'c_channel_map_warehouse',
	internalColumn: 'm_warehouse_id',
	externalColumn: 'external_warehouse_id'
};

export const warehouseMap = mapTable(warehouseMapNames);
