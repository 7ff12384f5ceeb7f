import type { EntityField } from '#src/entities/entity.ts';

/** The synced fields of a product category. */
export const productCategoryFields: readonly EntityField[] = [
	{ name: 'value', type: 'text', label: 'Code', required: true, maxLength: 80 },
	{ name: 'name', type: 'text', label: 'Name', required: true, maxLength: 255 },
	{
		name: 'parent',
		type: 'reference',
		label: 'Part of',
		to: 'product-category',
		column: 'm_product_category_parent_id'
	},
	{ name: 'is_active', type: 'boolean', label: 'Active' }
];
