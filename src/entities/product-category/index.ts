import type { Entity } from '#src/entities/entity.ts';
import { recordStore } from '#src/entities/record-store.ts';
import { productCategoryFields } from './fields.ts';
import { productCategory as record, productCategoryMap, productCategoryMapNames } from './table.ts';

export const productCategory: Entity = {
	name: 'product-category',
	label: { one: 'Product category', many: 'Product categories' },
	fields: productCategoryFields,
	matchKeys: ['value'],
	recordTable: 'm_product_category',
	mapNames: productCategoryMapNames,
	map: productCategoryMap,
	record,
	store: recordStore('m_product_category', productCategoryFields)
};
