import type { EntityField } from '#src/entities/entity.ts';

/**
 * The fields of a stock level. Channels are told what is available: on hand, less what is reserved, less what is held back
 * for safety. What makes it up is ours alone.
 */
export const stockLevelFields: readonly EntityField[] = [
	{ name: 'value', type: 'text', label: 'Code', derived: 'code' },
	{ name: 'name', type: 'text', label: 'Name', derived: 'name' },
	{ name: 'product', type: 'reference', label: 'Product', to: 'product', column: 'm_product_id', required: true },
	{
		name: 'warehouse',
		type: 'reference',
		label: 'Warehouse',
		to: 'warehouse',
		column: 'm_warehouse_id',
		required: true
	},
	{ name: 'on_hand', type: 'decimal', label: 'On hand', scale: 6, required: true, ownOnly: true },
	{ name: 'reserved', type: 'decimal', label: 'Reserved', scale: 6, ownOnly: true },
	{ name: 'buffer', type: 'decimal', label: 'Safety buffer', scale: 6, ownOnly: true },
	{
		name: 'available',
		type: 'decimal',
		label: 'Available',
		scale: 6,
		derived: { from: 'on_hand', less: ['reserved', 'buffer'] },
		latest: true,
		atLeast: '0'
	},
	{ name: 'unit', type: 'text', label: 'Unit', maxLength: 40, latest: true },
	{ name: 'is_active', type: 'boolean', label: 'Active' }
];

/** What tells a stock level from others. */
export const stockLevelKey: readonly string[] = ['product', 'warehouse'];
