import { Hono, type Context } from 'hono';
import { odataFilter } from './odata-filter.ts';
import { exactNumber, type Vendor } from './start-vendor.ts';
import type { VendorRecord, VendorStore } from './vendor-store.ts';

const names: Readonly<Record<string, string>> = {
	value: 'ItemCode',
	name: 'ItemName',
	description: 'User_Text',
	gtin: 'BarCode'
};
const defaults = { ItemName: null, User_Text: null, BarCode: null, Valid: 'tYES' };

/**
 * Items of SAP Business One's Service Layer (OData 4): a login whose cookies run out, the key is the number, day and
 * time of the last change are two properties, prices are elements of a list, a write answers nothing; no precondition.
 */
export function fakeSapBusinessOne(store: VendorStore): Vendor & { expireSession(): void; logins(): number } {
	const app = new Hono();
	let session = '';
	let logins = 0;
	app.post('/b1s/v2/Login', async (c) => {
		const body = await c.req.json<Record<string, string>>();
		if (body['UserName'] !== 'manager' || body['Password'] !== 's@p-s3cret' || body['CompanyDB'] !== 'DEMO') {
			return problem(c, 401, '-304', 'Fail to login');
		}
		session = `b1-session-${(logins += 1)}`;
		c.header('set-cookie', `B1SESSION=${session}; path=/b1s; HttpOnly`, { append: true });
		c.header('set-cookie', 'ROUTEID=.node1; path=/b1s', { append: true });
		return c.json({ SessionId: session, Version: '1000', SessionTimeout: 30 });
	});
	app.post('/b1s/v2/Logout', (c) => c.body(null, 204));
	app.use('/b1s/v2/*', async (c, next) => {
		if (session !== '' && c.req.header('cookie') === `B1SESSION=${session}; ROUTEID=.node1`) return next();
		return problem(c, 401, '301', 'Invalid session or session already timeout.');
	});
	app.get('/b1s/v2/Items', (c) => list(c, store));
	app.get('/b1s/v2/*', (c) => {
		const record = store.get(idIn(c));
		return record ? send(c, exact(rowOf(record))) : problem(c, 404, '-2028', 'No matching records found (ODBC -2028)');
	});
	app.patch('/b1s/v2/*', async (c) => {
		const record = store.get(idIn(c));
		if (!record) return problem(c, 404, '-2028', 'No matching records found (ODBC -2028)');
		const text = await c.req.text();
		const { ItemPrices: prices, ...values } = JSON.parse(text) as {
			ItemPrices?: { PriceList: unknown }[];
			ItemName?: unknown;
		};
		if (String(values.ItemName).startsWith('Refused')) return problem(c, 400, '-5002', 'This name is refused.');
		// An element is found by its key, which is a number.
		const [, digits] = prices?.[0]?.PriceList === 1 ? (/"Price":(-?[\d.]+|null)/.exec(text) ?? []) : [];
		store.change(record, { ...values, ...(digits !== undefined && { price: digits }) });
		return c.body(null, 204);
	});
	return {
		preset: 'sap-business-one',
		app,
		key: 's@p-s3cret',
		settings: (origin) => ({
			baseUrl: `${origin}/b1s/v2`,
			auth: {
				kind: 'session',
				user: 'manager',
				login: { path: '/Login', body: { CompanyDB: 'DEMO', UserName: '{user}', Password: '{key}' } },
				token: { from: 'cookies' },
				logout: { path: '/Logout' }
			}
		}),
		newId: () => `I'${String(store.nextNumber()).padStart(6, '0')}`,
		stored({ is_active: active, price, ...fields }) {
			const values = Object.fromEntries(Object.entries(fields).map(([name, value]) => [names[name] ?? name, value]));
			return {
				...values,
				...(price !== undefined && { price }),
				...(active !== undefined && { Valid: active === false ? 'tNO' : 'tYES' })
			};
		},
		expireSession: () => void (session = 'none'),
		logins: () => logins
	};
}

function idIn(c: Context): string {
	const [, quoted = ''] = /\/Items\('(.*)'\)$/.exec(decodeURIComponent(new URL(c.req.url).pathname)) ?? [];
	return quoted.replaceAll("''", "'");
}

function rowOf(record: VendorRecord): Record<string, unknown> {
	const [day = '', time = ''] = new Date(record.stampMs).toISOString().slice(0, 19).split('T');
	return { ItemCode: record.id, ...defaults, price: '0', ...record.values, UpdateDate: day, UpdateTime: time };
}

function exact({ price, ...row }: Record<string, unknown>) {
	const lists = [
		{ PriceList: 1, Price: exactNumber(String(price)) },
		{ PriceList: 2, Price: 99 }
	];
	return { ...row, ItemPrices: lists };
}

const send = (c: Context, json: unknown) => c.body(JSON.stringify(json), 200, { 'content-type': 'application/json' });

function problem(c: Context, status: 400 | 401 | 404, code: string, message: string) {
	return c.json({ error: { code, message } }, status);
}

function list(c: Context, store: VendorStore) {
	const query = new URL(c.req.url).searchParams;
	let rows = (query.get('$orderby')?.startsWith('UpdateDate') ? store.byStamp() : store.all()).map(rowOf);
	const filter = query.get('$filter');
	if (filter !== null) rows = rows.filter(odataFilter(filter).test);
	const skipped = Number(query.get('$skip') ?? 0);
	const size = Math.min(20, Number(query.get('$top') ?? 20));
	return send(c, { '@odata.context': 'x', value: rows.slice(skipped, skipped + size).map(exact) });
}
