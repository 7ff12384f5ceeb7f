import type { Entity } from '#src/entities/entity.ts';
import { recordStore } from '#src/entities/record-store.ts';
import { productPriceFields, productPriceKey } from './fields.ts';
import { productPrice as record, productPriceMap, productPriceMapNames } from './table.ts';

export const productPrice: Entity = {
	name: 'product-price',
	label: { one: 'Product price', many: 'Product prices' },
	fields: productPriceFields,
	matchKeys: [],
	keyFields: productPriceKey,
	listed: ['price'],
	recordTable: 'm_productprice',
	mapNames: productPriceMapNames,
	map: productPriceMap,
	record,
	store: recordStore('m_productprice', productPriceFields, productPriceKey)
};
