import { z } from 'zod';
import type { ErpTable, ErpValues } from './erp-store.ts';
import { cents, orderState, shownOrder } from './shop-orders.ts';
import { atLeastTwoDigits, given, name, pointer, reference, stored } from './stored-values.ts';
import { titleOf } from './title-of.ts';
import type { Vocabulary } from './vocabulary.ts';

type Body = ReturnType<Vocabulary['body']>;

const product = z
	.strictObject({
		code: stored.products.shape.sku,
		title: name,
		text: z.string(),
		barcode: z.string(),
		amount_cents: z
			.int('The amount is a whole number of cents')
			.nonnegative('The amount must not be negative')
			.nullable(),
		visible: z.boolean(),
		reference
	})
	.partial()
	.transform(({ code, title, text: words, barcode, amount_cents: amount, visible, reference: ours }) => ({
		values: given({
			sku: code,
			name: title,
			description: words,
			gtin: barcode,
			price: amount == null ? amount : atLeastTwoDigits((amount / 100).toFixed(2)),
			active: visible
		}),
		reference: ours
	}));

const place = z
	.strictObject({ code: stored.warehouses.shape.code, title: name, visible: z.boolean(), reference })
	.partial()
	.transform(({ code, title, visible, reference: ours }) => ({
		values: given({ code, name: title, active: visible }),
		reference: ours
	}));

const pieces = z
	.strictObject({
		article: pointer,
		place: pointer,
		pieces: z.int('Pieces are counted in whole numbers').nonnegative('There are no pieces below 0'),
		reference
	})
	.partial()
	.transform(({ article, place: at, pieces: count, reference: ours }) => ({
		values: given({ product_id: article, warehouse_id: at, quantity: count === undefined ? count : String(count) }),
		reference: ours
	}));

/** An order is placed by a customer: programs change its state. */
const order = z
	.strictObject({ state: orderState })
	.partial()
	.transform((values) => ({ values: given(values), reference: undefined }));

const bodies: Partial<Record<ErpTable, Body>> = { products: product, warehouses: place, stock: pieces, orders: order };

/** What each table holds, in the shop's words. */
const shown: Partial<Record<ErpTable, (values: ErpValues) => Record<string, unknown>>> = {
	products: (values) => ({
		code: values['sku'],
		title: values['name'],
		text: values['description'] ?? '',
		barcode: values['gtin'] ?? '',
		amount_cents: cents(values['price'])
	}),
	warehouses: (values) => ({ code: values['code'], title: values['name'] }),
	stock: (values) => ({
		article: values['product_id'],
		place: values['warehouse_id'],
		pieces: Math.trunc(Number(values['quantity']))
	})
};

export const shop: Vocabulary = {
	title: 'Nordhang Shop',
	tables: ['products', 'orders', 'stock', 'warehouses'],
	hasTags: false,
	answersWrites: false,
	referenceName: 'reference',
	show(table, record, store) {
		const { id, values, reference: ours, changedAt } = record;
		// The shop keeps whole seconds.
		const changed = changedAt.replace(/\.\d+Z$/, 'Z');
		if (table === 'orders') return { uid: id, ...shownOrder(record, store), changed };
		const { code, name: title } = titleOf(store, table, record);
		return { uid: id, code, title, ...shown[table]?.(values), visible: values['active'], reference: ours, changed };
	},
	body(table) {
		const body = bodies[table];
		if (!body) throw new Error(`the shop has no ${table}`);
		return body;
	}
};
