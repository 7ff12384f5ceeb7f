import type { EntityField } from '#src/entities/entity.ts';

/** The synced fields of a business partner. */
export const businessPartnerFields: readonly EntityField[] = [
	{ name: 'value', type: 'text', label: 'Code', required: true, maxLength: 80 },
	{ name: 'name', type: 'text', label: 'Name', required: true, maxLength: 255 },
	{ name: 'email', type: 'text', label: 'E-mail', maxLength: 254 },
	{ name: 'phone', type: 'text', label: 'Phone', maxLength: 40 },
	{ name: 'tax_id', type: 'text', label: 'Tax number', maxLength: 40 },
	{ name: 'is_active', type: 'boolean', label: 'Active' }
];
