import type { EntityField } from '#src/entities/entity.ts';

/** The synced fields of a parent product: what its variants share. */
export const productParentFields: readonly EntityField[] = [
	{ name: 'value', type: 'text', label: 'Code', required: true, maxLength: 80 },
	{ name: 'name', type: 'text', label: 'Name', required: true, maxLength: 255 },
	{ name: 'description', type: 'text', label: 'Description', maxLength: 10_000 },
	{ name: 'price', type: 'decimal', label: 'Price', scale: 6 },
	{ name: 'currency', type: 'text', label: 'Currency', maxLength: 3 },
	{
		name: 'category',
		type: 'reference',
		label: 'Category',
		to: 'product-category',
		column: 'm_product_category_id'
	},
	{ name: 'is_active', type: 'boolean', label: 'Active' }
];
