import type { EntityField } from '#src/entities/entity.ts';

/** The synced fields of a price list. */
export const priceListFields: readonly EntityField[] = [
	{ name: 'value', type: 'text', label: 'Code', required: true, maxLength: 80 },
	{ name: 'name', type: 'text', label: 'Name', required: true, maxLength: 255 },
	{ name: 'currency', type: 'text', label: 'Currency', maxLength: 3 },
	{ name: 'is_active', type: 'boolean', label: 'Active' }
];
