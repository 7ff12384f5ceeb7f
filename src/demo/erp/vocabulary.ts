import { z } from 'zod';
import { canonical, roundDecimal } from '#src/sync/fields.ts';
import {
	erpTables,
	perTable,
	type ErpRecord,
	type ErpStore,
	type ErpTable,
	type ErpValues,
	type ImportedRecord
} from './erp-store.ts';
import { isNamed, titleOf } from './title-of.ts';

/** How one kind of demo channel calls things on the wire. */
export type Vocabulary = {
	title: string;
	tables: readonly ErpTable[];
	/** A record as JSON. */
	show(table: ErpTable, record: ErpRecord, store: Pick<ErpStore, 'get'>): Record<string, unknown>;
	/** The body of a create or change, strictly: unknown names are refused. Output is in stored names. */
	body(table: ErpTable): z.ZodType<{ values: ErpValues; reference?: string | null | undefined }>;
	/** Whether single reads and list items carry an entity tag and If-Match is honoured. */
	hasTags: boolean;
	/** Whether a write answers with the record (otherwise: 204 for a change, the bare id for a create). */
	answersWrites: boolean;
	/** The name of the reference in query strings. */
	referenceName: string;
};

const priceScale = 4;
const quantityScale = 3;

const text = z.string().transform((value) => value.trim());
const optionalText = z.string().nullable();
const name = text.pipe(
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
const reference = z.string().max(200).nullable();
/** The id of another record. */
const pointer = z.string().min(1, 'An id is needed');

const stored = {
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
	stock: { quantity: '0', unit: null, active: true }
};

const erp: Vocabulary = {
	title: 'Nordhang ERP',
	tables: erpTables,
	hasTags: true,
	answersWrites: true,
	referenceName: 'external_ref',
	show: (table, record, store) => ({
		id: record.id,
		...(isNamed(table) ? {} : titleOf(store, table, record)),
		...record.values,
		...(table === 'products' && { weight: record.values['weight'] === null ? null : Number(record.values['weight']) }),
		external_ref: record.reference,
		updated_at: record.changedAt,
		etag: tagOf(record)
	}),
	body: (table) =>
		stored[table]
			.partial()
			.extend({ external_ref: reference.optional() })
			.transform(({ external_ref, ...values }) => ({ values: given(values), reference: external_ref }))
};

const shopBody = z
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
	.partial();

const shop: Vocabulary = {
	title: 'Nordhang Shop',
	tables: ['products'],
	hasTags: false,
	answersWrites: false,
	referenceName: 'reference',
	show: (_, { id, values, reference: ours, changedAt }) => ({
		uid: id,
		code: values['sku'],
		title: values['name'],
		text: values['description'] ?? '',
		barcode: values['gtin'] ?? '',
		amount_cents: values['price'] == null ? null : Math.round(Number(values['price']) * 100),
		visible: values['active'],
		reference: ours,
		// The shop keeps whole seconds.
		changed: changedAt.replace(/\.\d+Z$/, 'Z')
	}),
	body: () =>
		shopBody.transform(({ code, title, text: words, barcode, amount_cents: cents, visible, reference: ours }) => ({
			values: given({
				sku: code,
				name: title,
				description: words,
				gtin: barcode,
				price: cents == null ? cents : atLeastTwoDigits((cents / 100).toFixed(2)),
				active: visible
			}),
			reference: ours
		}))
};

export const vocabularies = { erp, shop } as const;
export type ErpKind = keyof typeof vocabularies;

/** The entity tag of a record's present state. */
export function tagOf(record: ErpRecord): string {
	return `"${record.id}.${record.revision}"`;
}

/** Whole content of an import, in the ERP's names for both kinds. Values are taken as they are, refusable ones too. */
export const importSchema = z
	.object(perTable(() => z.array(z.record(z.string(), z.unknown())).default([])))
	.transform((content) => perTable((table) => content[table].map((row) => imported(row, blank[table]))));

function imported(row: Record<string, unknown>, defaults: ErpValues): ImportedRecord {
	const { id, external_ref: ours, updated_at: changedAt, ...values } = row;
	return {
		id: String(id),
		reference: typeof ours === 'string' ? ours : null,
		changedAt: typeof changedAt === 'string' ? changedAt : null,
		values: {
			...defaults,
			...Object.fromEntries(
				Object.entries(values).map(([field, value]) => [
					field,
					typeof value === 'number' ? String(value) : (value as string | boolean | null)
				])
			)
		}
	};
}

function given(values: Record<string, string | boolean | null | undefined>): ErpValues {
	const entries = Object.entries(values).filter(
		(entry): entry is [string, string | boolean | null] => entry[1] !== undefined
	);
	return Object.fromEntries(entries);
}

function atLeastTwoDigits(price: string): string {
	const [whole = '0', fraction = ''] = price.split('.');
	return `${whole}.${fraction.replace(/0+$/, '').padEnd(2, '0')}`;
}
