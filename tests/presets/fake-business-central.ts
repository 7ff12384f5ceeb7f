import { Hono, type Context } from 'hono';
import { odataFilter } from './odata-filter.ts';
import { exactNumber, type Vendor } from './start-vendor.ts';
import type { VendorRecord, VendorStore } from './vendor-store.ts';

const names: Readonly<Record<string, string>> = { value: 'number', name: 'displayName', price: 'unitPrice' };
const defaults = { number: '', displayName: '', gtin: '', unitPrice: '0', blocked: false };

/**
 * Items of Business Central's API v2.0: token by client credentials, which runs out; pages by @odata.nextLink; every
 * write needs If-Match; codes are kept in capitals; a filter cannot join different fields by "or".
 */
export function fakeBusinessCentral(store: VendorStore): Vendor & { expireToken(): void; tokensGiven(): number } {
	const app = new Hono();
	let token = '';
	let given = 0;
	const path = '/v2.0/t/api/v2.0/companies(c1)';
	app.post('/t/oauth2/v2.0/token', async (c) => {
		const form = new URLSearchParams(await c.req.text());
		const isRight = form.get('client_secret') === 'bc-s3cret' && form.get('client_id') === 'cm-client';
		if (!isRight || form.get('grant_type') !== 'client_credentials') return c.json({ error: 'invalid_client' }, 401);
		token = `token-${(given += 1)}`;
		return c.json({ token_type: 'Bearer', expires_in: 3599, access_token: token });
	});
	app.use(`${path}/*`, async (c, next) => {
		if (token !== '' && c.req.header('authorization') === `Bearer ${token}`) return next();
		return problem(c, 401, 'Authentication_InvalidCredentials', 'The server has rejected the client credentials.');
	});
	app.get(`${path}/items`, (c) => list(c, store));
	app.get(`${path}/*`, (c) => {
		const record = store.get(idIn(c));
		return record ? answer(c, rowOf(record)) : problem(c, 404, 'BadRequest_NotFound', 'The item does not exist.');
	});
	app.patch(`${path}/*`, async (c) => {
		const record = store.get(idIn(c));
		if (!record) return problem(c, 404, 'BadRequest_NotFound', 'The item does not exist.');
		const tag = c.req.header('if-match');
		if (tag === undefined) return problem(c, 400, 'BadRequest', 'The If-Match header is missing.');
		if (tag !== '*' && tag !== tagOf(record)) {
			return problem(c, 409, 'Request_EntityChanged', 'Another user has already changed the record.');
		}
		const text = await c.req.text();
		const values = JSON.parse(text) as Record<string, unknown>;
		const name = values['displayName'];
		if (typeof name === 'string' && name.startsWith('Refused'))
			return problem(c, 400, 'Application_DialogException', 'This name is refused.');
		const [, digits] = /"unitPrice":(-?[\d.]+)/.exec(text) ?? [];
		store.change(record, kept({ ...values, ...(digits !== undefined && { unitPrice: digits }) }));
		return answer(c, rowOf(record));
	});
	return {
		preset: 'business-central',
		app,
		key: 'bc-s3cret',
		settings: (origin) => ({
			baseUrl: `${origin}${path}`,
			auth: {
				kind: 'oauth2',
				tokenUrl: `${origin}/t/oauth2/v2.0/token`,
				clientId: 'cm-client',
				scope: 's/.default',
				clientIn: 'body'
			}
		}),
		newId: () => `fca5738a-44e3-ea11-bb43-${String(store.nextNumber()).padStart(12, '0')}`,
		stored({ is_active: active, ...fields }) {
			const values = Object.fromEntries(
				Object.entries(fields).map(([name, value]) => [names[name] ?? name, value ?? ''])
			);
			return kept({ ...values, ...(active !== undefined && { blocked: active === false }) });
		},
		expireToken: () => void (token = 'none'),
		tokensGiven: () => given
	};
}

function kept(values: Record<string, unknown>): Record<string, unknown> {
	const { number } = values;
	return { ...values, ...(typeof number === 'string' && { number: number.toUpperCase() }) };
}

const idIn = (c: Context) => /\/items\(([^)]*)\)$/.exec(decodeURIComponent(new URL(c.req.url).pathname))?.[1] ?? '';
const tagOf = ({ id, rev }: VendorRecord) => `W/"JzE5Ozk3NzYwN${rev};${id}"`;

function rowOf(record: VendorRecord): Record<string, unknown> {
	const values = { ...defaults, ...record.values };
	const lastModifiedDateTime = new Date(record.stampMs).toISOString();
	return { '@odata.etag': tagOf(record), id: record.id, ...values, lastModifiedDateTime };
}

const answer = (c: Context, row: Record<string, unknown>) => send(c, exact(row));
const exact = (row: Record<string, unknown>) => ({ ...row, unitPrice: exactNumber(String(row['unitPrice'])) });
const send = (c: Context, json: unknown) => c.body(JSON.stringify(json), 200, { 'content-type': 'application/json' });

function problem(c: Context, status: 400 | 401 | 404 | 409, code: string, message: string) {
	return c.json({ error: { code, message } }, status);
}

function list(c: Context, store: VendorStore) {
	const query = new URL(c.req.url).searchParams;
	let rows = (query.get('$orderby')?.startsWith('lastModified') ? store.byStamp() : store.all()).map(rowOf);
	const filter = query.get('$filter');
	if (filter !== null) {
		const { test, fields } = odataFilter(filter);
		if (fields.size > 1) return problem(c, 400, 'BadRequest', 'An OR operator is not supported on distinct fields.');
		rows = rows.filter(test);
	}
	const size = Math.min(100, Number(/maxpagesize=(\d+)/.exec(c.req.header('prefer') ?? '')?.[1] ?? 100));
	const skipped = Number(query.get('$skiptoken') ?? 0);
	const most = Math.min(size, Number(query.get('$top') ?? size));
	const page = rows.slice(skipped, skipped + most);
	const next = new URL(c.req.url);
	next.searchParams.set('$skiptoken', String(skipped + most));
	const isMore = skipped + most < rows.length && !query.has('$top');
	return send(c, { '@odata.context': 'x', value: page.map(exact), ...(isMore && { '@odata.nextLink': next.href }) });
}
