import { sql } from 'drizzle-orm';
import { index, integer, numeric, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { id, identity } from '#src/db/schema/columns.ts';
import { mapTable } from '#src/entities/map-table.ts';
import { recordColumns, recordIndexes } from '#src/entities/record-table.ts';

const amount = (name: string) => numeric(name, { precision: 19, scale: 6 });

export const salesOrder = pgTable(
	'c_order',
	{
		...recordColumns(),
		/** The channel's number of the order: two channels may have the same one. */
		value: text('value').notNull(),
		partnerId: id('c_bpartner_id'),
		/** ISO UTC with microseconds, brought into that form by trigger. */
		orderedAt: text('ordered_at'),
		status: text('status'),
		currency: text('currency'),
		shipping: amount('shipping'),
		discount: amount('discount'),
		tax: amount('tax'),
		total: amount('total'),
		/** The rows of c_orderline as one value (JSON). Triggers keep the two equal, whichever is written. */
		lines: text('lines')
	},
	(table) => [
		...recordIndexes('c_order', table),
		index('c_order_value').on(table.value, table.id),
		index('c_order_of_partner').on(table.partnerId)
	]
);

export const salesOrderLine = pgTable(
	'c_orderline',
	{
		id: identity('id'),
		orderId: id('c_order_id').notNull(),
		line: integer('line').notNull(),
		productId: id('m_product_id'),
		description: text('description'),
		quantity: amount('quantity'),
		unit: text('unit'),
		/** Of one unit, without tax. */
		price: amount('price'),
		/** Of the whole line, without tax, where it is not quantity times price. */
		amount: amount('amount'),
		tax: amount('tax')
	},
	(table) => [
		uniqueIndex('c_orderline_line').on(table.orderId, table.line),
		index('c_orderline_product')
			.on(table.productId)
			.where(sql`m_product_id is not null`)
	]
);

export const salesOrderMapNames = {
	table: 'c_channel_map_order',
	internalColumn: 'c_order_id',
	externalColumn: 'external_order_id'
};

export const salesOrderMap = mapTable(salesOrderMapNames);
