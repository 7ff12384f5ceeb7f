import type { EntityField } from '#src/entities/entity.ts';

/** The synced fields of a product. */
export const productFields: readonly EntityField[] = [
	{ name: 'value', type: 'text', label: 'SKU', required: true, maxLength: 80 },
	{ name: 'name', type: 'text', label: 'Name', required: true, maxLength: 255 },
	{ name: 'description', type: 'text', label: 'Description', maxLength: 10_000 },
	{ name: 'gtin', type: 'text', label: 'GTIN', maxLength: 14 },
	{ name: 'price', type: 'decimal', label: 'Price', scale: 6 },
	{ name: 'currency', type: 'text', label: 'Currency', maxLength: 3 },
	{ name: 'weight', type: 'decimal', label: 'Weight (kg)', scale: 6 },
	{
		name: 'category',
		type: 'reference',
		label: 'Category',
		to: 'product-category',
		column: 'm_product_category_id'
	},
	{
		name: 'parent',
		type: 'reference',
		label: 'Parent product',
		to: 'product-parent',
		column: 'm_product_parent_id',
		confirm: true
	},
	{ name: 'is_active', type: 'boolean', label: 'Active' }
];
