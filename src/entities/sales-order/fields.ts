import type { EntityField } from '#src/entities/entity.ts';

/**
 * The fields of a sales order. It is taken over from its channel once; what the channel changes afterwards is an event that a
 * person confirms, the status as well. Our status goes to the channel.
 */
export const salesOrderFields: readonly EntityField[] = [
	{ name: 'value', type: 'text', label: 'Order number', required: true, maxLength: 80, confirm: true },
	{ name: 'name', type: 'text', label: 'Customer', maxLength: 255, orElse: 'value', confirm: true },
	{
		name: 'business_partner',
		type: 'reference',
		label: 'Business partner',
		to: 'business-partner',
		column: 'c_bpartner_id',
		confirm: true
	},
	{ name: 'ordered_at', type: 'time', label: 'Ordered', confirm: true },
	{ name: 'status', type: 'text', label: 'Status', maxLength: 40, confirm: true },
	{ name: 'lines', type: 'lines', label: 'Lines', to: 'product', confirm: true },
	{ name: 'shipping', type: 'decimal', label: 'Shipping', scale: 6, confirm: true },
	{ name: 'discount', type: 'decimal', label: 'Discount', scale: 6, confirm: true },
	{ name: 'tax', type: 'decimal', label: 'Tax', scale: 6, confirm: true },
	{ name: 'total', type: 'decimal', label: 'Total', scale: 6, confirm: true },
	{ name: 'currency', type: 'text', label: 'Currency', maxLength: 3, confirm: true }
];
