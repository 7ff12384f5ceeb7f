import { Hono, type Context } from 'hono';
import type { Vendor } from './start-vendor.ts';
import type { VendorRecord, VendorStore } from './vendor-store.ts';

const names: Readonly<Record<string, string>> = {
	value: 'sku',
	name: 'name',
	description: 'description',
	price: 'regular_price'
};
const defaults = {
	sku: '',
	name: '',
	description: '',
	global_unique_id: '',
	regular_price: '',
	weight: '',
	status: 'publish'
};

/**
 * Products of WooCommerce's REST API v3: pages by number, the answer a bare list, counts in headers; stamps in whole
 * seconds without a zone, and `modified_after` leaves that second out; an unknown id is 404 when read and 400 when
 * written; no precondition.
 */
export function fakeWooCommerce(store: VendorStore): Vendor {
	const app = new Hono();
	app.use(async (c, next) => {
		if (c.req.header('authorization') === `Basic ${btoa('ck_1:cs_s3cret')}`) return next();
		return c.json({ code: 'woocommerce_rest_authentication_error', message: 'Consumer secret is invalid.' }, 401);
	});
	app.get('/wp-json/wc/v3/products', (c) => list(c, store));
	app.get('/wp-json/wc/v3/products/:id', (c) => {
		const record = store.get(c.req.param('id'));
		return record ? c.json(shown(record)) : c.json(unknownId, 404);
	});
	app.put('/wp-json/wc/v3/products/:id', async (c) => {
		const record = store.get(c.req.param('id'));
		if (!record) return c.json(unknownId, 400);
		const values = await c.req.json<Record<string, unknown>>();
		if (String(values['name']).startsWith('Refused'))
			return c.json({ code: 'rest_invalid_param', message: 'This name is refused.' }, 400);
		store.change(record, values);
		return c.json(shown(record));
	});
	return {
		preset: 'woocommerce',
		app,
		key: 'cs_s3cret',
		settings: (origin) => ({ baseUrl: `${origin}/wp-json/wc/v3`, auth: { kind: 'basic', user: 'ck_1' } }),
		newId: () => String(store.nextNumber()),
		stored({ is_active: active, ...fields }) {
			const values = Object.fromEntries(
				Object.entries(fields).map(([name, value]) => [names[name] ?? name, value ?? ''])
			);
			return { ...values, ...(active !== undefined && { status: active === false ? 'draft' : 'publish' }) };
		}
	};
}

const unknownId = { code: 'woocommerce_rest_product_invalid_id', message: 'Invalid ID.', data: {} };
const gmt = (ms: number) => new Date(ms).toISOString().slice(0, 19);

function shown(record: VendorRecord): Record<string, unknown> {
	return { id: Number(record.id), ...defaults, ...record.values, date_modified_gmt: gmt(record.stampMs) };
}

function list(c: Context, store: VendorStore) {
	const query = (name: string) => c.req.query(name);
	const include = query('include')?.split(',');
	const after = query('modified_after');
	const search = query('search')?.toLowerCase();
	const sku = query('sku')?.toLowerCase();
	const rows = (query('orderby') === 'modified' ? store.byStamp() : store.all())
		.map(shown)
		.filter((row) => query('status') === 'any' || row['status'] === 'publish')
		.filter((row) => !include || include.includes(String(row['id'])))
		.filter((row) => after === undefined || String(row['date_modified_gmt']) > after)
		.filter((row) => search === undefined || `${row['name']} ${row['description']}`.toLowerCase().includes(search))
		.filter((row) => sku === undefined || String(row['sku']).toLowerCase() === sku);
	const size = Math.min(100, Number(query('per_page') ?? 10));
	const start = query('offset') === undefined ? (Number(query('page') ?? 1) - 1) * size : Number(query('offset'));
	const headers = { 'x-wp-total': String(rows.length), 'x-wp-totalpages': String(Math.ceil(rows.length / size)) };
	return c.json(rows.slice(start, start + size), 200, headers);
}
