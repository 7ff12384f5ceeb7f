import type { EntityField } from '#src/entities/entity.ts';

/** The synced fields of a warehouse. */
export const warehouseFields: readonly EntityField[] = [
	{ name: 'value', type: 'text', label: 'Code', required: true, maxLength: 80 },
	{ name: 'name', type: 'text', label: 'Name', required: true, maxLength: 255 },
	{ name: 'is_active', type: 'boolean', label: 'Active' }
];
