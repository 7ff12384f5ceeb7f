import { z } from 'zod';
import { canonical, roundDecimal } from '#src/sync/fields.ts';
import type { ErpTable, ErpValues } from './erp-store.ts';
import { orderLines, orderState } from './shop-orders.ts';

const priceScale = 4;
const quantityScale = 3;

const text = z.string().transform((value) => value.trim());
const optionalText = z.string().nullable();
export const name = text.pipe(
	z
		.string()
		.min(1, 'The name must not be empty')
		.refine((value) => [...value].length <= 60, 'The name must not be longer than 60 characters')
);
const code = text.pipe(z.string().min(1, 'The code must not be empty'));
const price = z
	.string()
	.regex(/^-?\d{1,15}(\.\d{1,10})?$/, 'The price must be a decimal number')
	.refine((value) => !value.startsWith('-'), 'The price must not be negative')
	.transform((value) => atLeastTwoDigits(roundDecimal(value, priceScale)));
const weight = z.number().nonnegative('The weight must not be negative');
export const reference = z.string().max(200).nullable();
/** The id of another record. */
export const pointer = z.string().min(1, 'An id is needed');

/** The values of a record of each table, as they are kept. */
export const stored = {
	products: z.strictObject({
		sku: text.pipe(z.string().min(1, 'The SKU must not be empty')),
		name,
		description: optionalText,
		gtin: optionalText,
		price: price.nullable(),
		currency: z.string().length(3, 'The currency has three letters').nullable(),
		weight: weight.transform((value) => String(canonical('decimal', value.toFixed(3)))).nullable(),
		category_id: optionalText,
		colour: optionalText,
		material: optionalText,
		active: z.boolean()
	}),
	partners: z.strictObject({
		code,
		name,
		email: z.string().includes('@', { error: 'The e-mail address has no @' }).nullable(),
		phone: optionalText,
		vat: optionalText,
		active: z.boolean()
	}),
	categories: z.strictObject({ code, name, part_of: optionalText, active: z.boolean() }),
	warehouses: z.strictObject({ code, name, active: z.boolean() }),
	pricelists: z.strictObject({
		code,
		name,
		currency: z.string().length(3, 'The currency has three letters').nullable(),
		active: z.boolean()
	}),
	prices: z.strictObject({
		product_id: pointer,
		price_list_id: pointer,
		amount: price.nullable(),
		active: z.boolean()
	}),
	stock: z.strictObject({
		product_id: pointer,
		warehouse_id: pointer,
		quantity: z
			.string()
			.regex(/^-?\d{1,12}(\.\d{1,10})?$/, 'The quantity must be a decimal number')
			.refine((value) => !value.startsWith('-'), 'The quantity must not be negative')
			.transform((value) => String(canonical('decimal', roundDecimal(value, quantityScale)))),
		unit: optionalText,
		active: z.boolean()
	}),
	orders: z.strictObject({
		code,
		name,
		placed: z
			.string('A date and time is needed')
			.refine((value) => !Number.isNaN(Date.parse(value)), 'This is no date and time')
			.transform((value) => new Date(value).toISOString()),
		lines: orderLines,
		shipping: price.nullable(),
		discount: price.nullable(),
		tax: price.nullable(),
		total: price.nullable(),
		state: orderState,
		active: z.boolean()
	})
};

/** What a new record holds where the request says nothing. */
export const blank: Readonly<Record<ErpTable, ErpValues>> = {
	products: {
		description: null,
		gtin: null,
		price: null,
		currency: 'EUR',
		weight: null,
		category_id: null,
		colour: null,
		material: null,
		active: true
	},
	partners: { email: null, phone: null, vat: null, active: true },
	categories: { part_of: null, active: true },
	warehouses: { active: true },
	pricelists: { currency: 'EUR', active: true },
	prices: { amount: null, active: true },
	stock: { quantity: '0', unit: null, active: true },
	orders: {
		placed: null,
		lines: '',
		shipping: '0.00',
		discount: '0.00',
		tax: '0.00',
		total: null,
		state: 'open',
		active: true
	}
};

/** What was given, without what was not. */
export function given(values: Record<string, string | boolean | null | undefined>): ErpValues {
	const entries = Object.entries(values).filter(
		(entry): entry is [string, string | boolean | null] => entry[1] !== undefined
	);
	return Object.fromEntries(entries);
}

/** A price as it is kept. */
export function atLeastTwoDigits(price: string): string {
	const [whole = '0', fraction = ''] = price.split('.');
	return `${whole}.${fraction.replace(/0+$/, '').padEnd(2, '0')}`;
}
