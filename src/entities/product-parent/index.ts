import type { Entity } from '#src/entities/entity.ts';
import { recordStore } from '#src/entities/record-store.ts';
import { productParentFields } from './fields.ts';
import { productParent as record, productParentMap, productParentMapNames } from './table.ts';

export const productParent: Entity = {
	name: 'product-parent',
	label: { one: 'Parent product', many: 'Parent products' },
	fields: productParentFields,
	matchKeys: ['value'],
	recordTable: 'm_product_parent',
	mapNames: productParentMapNames,
	map: productParentMap,
	record,
	store: recordStore('m_product_parent', productParentFields)
};
