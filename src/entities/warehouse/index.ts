import type { Entity } from '#src/entities/entity.ts';
import { recordStore } from '#src/entities/record-store.ts';
import { warehouseFields } from './fields.ts';
import { warehouse as record, warehouseMap, warehouseMapNames } from './table.ts';

export const warehouse: Entity = {
	name: 'warehouse',
	label: { one: 'Warehouse', many: 'Warehouses' },
	fields: warehouseFields,
	matchKeys: ['value'],
	recordTable: 'm_warehouse',
	mapNames: warehouseMapNames,
	map: warehouseMap,
	record,
	store: recordStore('m_warehouse', warehouseFields)
};
