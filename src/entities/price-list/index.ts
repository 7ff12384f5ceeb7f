import type { Entity } from '#src/entities/entity.ts';
import { recordStore } from '#src/entities/record-store.ts';
import { priceListFields } from './fields.ts';
import { priceList as record, priceListMap, priceListMapNames } from './table.ts';

export const priceList: Entity = {
	name: 'price-list',
	label: { one: 'Price list', many: 'Price lists' },
	fields: priceListFields,
	matchKeys: ['value'],
	recordTable: 'm_pricelist',
	mapNames: priceListMapNames,
	map: priceListMap,
	record,
	store: recordStore('m_pricelist', priceListFields)
};
