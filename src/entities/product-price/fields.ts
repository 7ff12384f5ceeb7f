import type { EntityField } from '#src/entities/entity.ts';

/** The synced fields of a product price. Its code and name are those of what it points to. */
export const productPriceFields: readonly EntityField[] = [
	{ name: 'value', type: 'text', label: 'Code', derived: 'code' },
	{ name: 'name', type: 'text', label: 'Name', derived: 'name' },
	{ name: 'product', type: 'reference', label: 'Product', to: 'product', column: 'm_product_id', required: true },
	{
		name: 'price_list',
		type: 'reference',
		label: 'Price list',
		to: 'price-list',
		column: 'm_pricelist_id',
		required: true
	},
	{ name: 'price', type: 'decimal', label: 'Price', scale: 6 },
	{ name: 'is_active', type: 'boolean', label: 'Active' }
];

/** What tells a price from others. */
export const productPriceKey: readonly string[] = ['product', 'price_list'];
