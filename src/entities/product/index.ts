import type { Entity } from '#src/entities/entity.ts';
import { recordStore } from '#src/entities/record-store.ts';
import { productFields } from './fields.ts';
import { product as record, productMap, productMapNames } from './table.ts';

export const product: Entity = {
	name: 'product',
	label: { one: 'Product', many: 'Products' },
	fields: productFields,
	matchKeys: ['value', 'gtin'],
	// A channel that groups variants fills in what nobody said here; it never overrules what somebody did.
	initial: { policy: { fields: { parent: { firstContact: 'fill-blanks' } } } },
	recordTable: 'm_product',
	mapNames: productMapNames,
	map: productMap,
	record,
	store: recordStore('m_product', productFields)
};
