import { Hono } from 'hono';
import type { Vendor } from './start-vendor.ts';
import { exactNumber } from './start-vendor.ts';
import type { VendorRecord, VendorStore } from './vendor-store.ts';

const names: Readonly<Record<string, string>> = {
	value: 'default_code',
	name: 'name',
	description: 'description_sale',
	price: 'list_price',
	is_active: 'active'
};
const empty = { default_code: false, description_sale: false, barcode: false, weight: 0, x_channel_reference: false };

type Call = {
	domain?: unknown[];
	fields?: string[];
	limit?: number;
	offset?: number;
	order?: string;
	ids?: number[];
	vals?: Record<string, unknown>;
	vals_list?: Record<string, unknown>[];
	context?: { active_test?: boolean };
};

/**
 * Odoo's JSON-2 API for one model: one call, one transaction; what is empty is `false`; stamps are UTC without a zone
 * and shown in whole seconds; archived records are found only with `active_test: false`; no precondition.
 */
export function fakeOdoo(store: VendorStore): Vendor {
	const app = new Hono();
	app.use(async (c, next) => {
		if (c.req.header('authorization')?.toLowerCase() === 'bearer odoo-k3y') return next();
		return c.json(
			{ name: 'werkzeug.exceptions.Unauthorized', message: 'Invalid apikey', arguments: [], context: {} },
			401
		);
	});
	app.post('/json/2/product.template/:method', async (c) => {
		const call = await c.req.json<Call>();
		switch (c.req.param('method')) {
			case 'search_read':
				return c.text(JSON.stringify(searchRead(store, call)), 200, { 'content-type': 'application/json' });
			case 'create': {
				const refusal = refusalOf(call.vals_list?.[0] ?? {});
				if (refusal) return c.json(refusal, 422);
				return c.json((call.vals_list ?? []).map((values) => create(store, values)));
			}
			case 'write': {
				const record = store.get(String(call.ids?.[0]));
				if (!record) return c.json(problem('MissingError', 'Record does not exist or has been deleted.'), 404);
				const refusal = refusalOf(call.vals ?? {});
				if (refusal) return c.json(refusal, 422);
				store.change(record, texts(call.vals ?? {}));
				return c.json(true);
			}
			default:
				return c.json(problem('NotFound', 'no such method'), 404);
		}
	});
	return {
		preset: 'odoo',
		app,
		key: 'odoo-k3y',
		settings: (origin) => ({ baseUrl: `${origin}/json/2` }),
		newId: () => String(store.nextNumber()),
		stored: (fields) => ({
			...empty,
			...texts(Object.fromEntries(Object.entries(fields).map(([name, value]) => [names[name] ?? name, value ?? false])))
		})
	};
}

/** Numbers are kept as the text that they came with. */
function texts(values: Record<string, unknown>): Record<string, unknown> {
	return 'list_price' in values ? { ...values, list_price: rounded(String(values['list_price'])) } : values;
}

const rounded = (text: string) => (/^-?\d+(\.\d{0,2})?$/.test(text) ? text : Number(text).toFixed(2));

function create(store: VendorStore, values: Record<string, unknown>): number {
	const id = store.nextNumber();
	store.insert(String(id), { ...empty, ...texts(values) });
	return id;
}

function problem(name: string, message: string) {
	return { name: `odoo.exceptions.${name}`, message, arguments: [message], context: {}, debug: '' };
}

function refusalOf({ name }: Record<string, unknown>) {
	return typeof name === 'string' && name.startsWith('x'.repeat(61))
		? problem('ValidationError', 'This name is too long')
		: null;
}

function searchRead(store: VendorStore, { domain = [], fields = [], limit, offset = 0, order, context }: Call) {
	const known = order?.startsWith('write_date') ? store.byStamp() : store.all();
	const found = known.filter(
		(record) => (context?.active_test === false || record.values['active'] === true) && matches(record, domain)
	);
	return found.slice(offset, offset + (limit ?? found.length)).map((record) => {
		const shown = shownOf(record);
		return Object.fromEntries(['id', ...fields].map((field) => [field, shown[field]]));
	});
}

function shownOf(record: VendorRecord): Record<string, unknown> {
	const { list_price: price = '0', ...values } = record.values;
	const writeDate = new Date(record.stampMs).toISOString().slice(0, 19).replace('T', ' ');
	return { ...values, list_price: exactNumber(String(price)), id: Number(record.id), write_date: writeDate };
}

/** Terms are joined by "and"; a leading "|" joins the two that follow by "or". */
function matches(record: VendorRecord, domain: unknown[]): boolean {
	const terms = domain.filter((term) => Array.isArray(term)).map((term) => fits(record, term));
	return domain[0] === '|' ? terms.some(Boolean) : terms.every(Boolean);
}

function fits(record: VendorRecord, [field, operator, value]: unknown[]): boolean {
	const shown = shownOf(record)[String(field)];
	switch (operator) {
		case '>':
			return Number(shown) > Number(value);
		case '>=':
			return String(shown) >= String(value);
		case 'in':
			return (value as unknown[]).includes(shown);
		case 'ilike':
			return String(shown).toLowerCase().includes(String(value).toLowerCase());
		default:
			throw new Error(`no operator ${String(operator)}`);
	}
}
