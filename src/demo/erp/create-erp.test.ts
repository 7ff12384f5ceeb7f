import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createErp } from './create-erp.ts';
import { createErpStore } from './erp-store.ts';
import type { ErpKind } from './vocabulary.ts';

const key = 'test-key';

function start(kind: ErpKind = 'erp') {
	let ms = Date.UTC(2026, 10, 28, 15) + 0.25;
	const nowMs = () => (ms += 1.001);
	const store = createErpStore({ nowMs, wholeSeconds: kind === 'shop' });
	const app = createErp({ kind, store, nowMs, key });
	async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
		const init: RequestInit = { method, headers: { authorization: `Bearer ${key}`, ...headers } };
		if (body !== undefined) init.body = JSON.stringify(body);
		const response = await app.request(path, init);
		const text = await response.text();
		const json = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown> & {
			items: Record<string, unknown>[];
		};
		return { status: response.status, headers: response.headers, text, json };
	}
	const add = async (sku: string, over: object = {}) =>
		(await call('POST', '/products', { sku, name: sku, ...over })).json as Record<string, string>;
	return { app, store, call, add };
}

describe('API of the ERP', () => {
	it('needs the key', async () => {
		const { app, call } = start();
		expect((await app.request('/products')).status).toBe(401);
		const refused = await call('GET', '/products', undefined, { authorization: 'Bearer other' });
		expect(refused).toMatchObject({ status: 401, json: { message: 'No valid key was given' } });
		expect((await app.request('/log')).status).toBe(401);
		expect((await call('PUT', '/admin/import', {}, { authorization: '' })).status).toBe(401);
	});

	it('creates, reads and changes a record, under its tag or without', async () => {
		const { call } = start();
		const body = {
			sku: ' T-1 ',
			name: 'Tent',
			price: '12.5',
			weight: 2.5,
			gtin: '4006381333931',
			external_ref: 'cm-1'
		};
		const made = await call('POST', '/products', body);
		expect(made.status).toBe(201);
		expect(made.json).toEqual({
			id: '1001',
			sku: 'T-1',
			name: 'Tent',
			description: null,
			gtin: '4006381333931',
			price: '12.50',
			currency: 'EUR',
			category_id: null,
			colour: null,
			material: null,
			weight: 2.5,
			active: true,
			external_ref: 'cm-1',
			updated_at: expect.stringMatching(/^2026-11-28T15:00:00\.\d{6}Z$/),
			etag: made.headers.get('etag')
		});
		const tag = made.headers.get('etag')!;
		const changed = await call('PATCH', '/products/1001', { price: '9.99' }, { 'if-match': tag });
		expect(changed).toMatchObject({ status: 200, json: { price: '9.99', name: 'Tent' } });
		const late = await call('PATCH', '/products/1001', { price: '1' }, { 'if-match': tag });
		expect(late.status).toBe(412);
		expect((await call('PATCH', '/products/1001', { name: 'Big tent' })).status).toBe(200);
		const read = await call('GET', '/products/1001');
		expect(read.json).toMatchObject({ price: '9.99', name: 'Big tent' });
		expect(read.headers.get('x-server-time')).toMatch(/^2026-11-28T15:00:00\.\d{3}Z$/);
		expect((await call('DELETE', '/products/1001')).status).toBe(204);
		expect((await call('GET', '/products/1001')).status).toBe(404);
	});

	it.each([
		[{ name: 'x'.repeat(61) }, 422, 'longer than 60'],
		[{ price: '-1' }, 422, 'negative'],
		[{ price: 12.5 }, 422, 'price'],
		[{ smell: 'red' }, 422, 'smell'],
		[{ sku: 'TAKEN' }, 409, 'Record 1001']
	])('refuses %o', async (change, status, words) => {
		const { call, add } = start();
		await add('TAKEN');
		const { id } = await add('MINE');
		const refused = await call('PATCH', `/products/${id}`, change);
		expect(refused.status).toBe(status);
		expect(refused.json['message']).toContain(words);
		expect((await call('POST', '/products', { sku: 'NEW', name: 'New', ...change })).status).toBe(status);
		expect((await call('GET', '/products')).json.items).toHaveLength(2);
	});

	it('counts the length of a name in characters, not in halves', async () => {
		const { call } = start();
		expect((await call('POST', '/products', { sku: 'A', name: '⛺️'.repeat(30) })).status).toBe(201);
		expect((await call('POST', '/products', { sku: 'B', name: '😀'.repeat(60) })).status).toBe(201);
	});

	it('pages, filters and searches', async () => {
		const { call, add } = start();
		for (const sku of ['A', 'B', 'C', 'D', 'E']) await add(sku, { external_ref: `ref-${sku}` });
		await call('PATCH', '/products/1001', { active: false });
		const skus = async (query: string) =>
			(await call('GET', `/products?${query}`)).json.items.map((item) => item['sku']);
		const first = await call('GET', '/products?limit=2');
		expect(first.json.items.map((item) => item['sku'])).toEqual(['A', 'B']);
		expect(await skus(`limit=9&after=${String(first.json['next'])}`)).toEqual(['C', 'D', 'E']);
		expect(await skus('ids=1003,1001,9999')).toEqual(['A', 'C']);
		expect(await skus('external_ref=ref-B&external_ref=ref-D,ref-X')).toEqual(['B', 'D']);
		expect(await skus('search=d')).toEqual(['D']);
		expect(await skus('updated_since=2026-11-28T00:00:00Z')).toEqual(['B', 'C', 'D', 'E', 'A']);
		const { items } = (await call('GET', '/products?ids=1004')).json;
		expect(await skus(`updated_since=${String(items[0]?.['updated_at'])}`)).toEqual(['D', 'E', 'A']);
		expect((await call('GET', '/products?after=nonsense')).status).toBe(400);
		expect((await call('GET', '/products?updated_since=yesterday')).status).toBe(400);
	});

	it('logs writes and reads of single records', async () => {
		const { call, add } = start();
		await add('A');
		await add('B');
		await call('GET', '/products');
		await call('GET', '/products?ids=1001,1002');
		await call('GET', '/products/1001');
		await call('PATCH', '/products/1001', { name: 'x'.repeat(99) });
		await call('PATCH', '/products/1001', { name: 'New' });
		const { items } = (await call('GET', '/log?since=2')).json;
		expect(items.map(({ method, id, by }) => `${String(method)} ${String(id)} ${String(by)}`)).toEqual([
			'GET 1001 key',
			'GET 1002 key',
			'GET 1001 key',
			'PATCH 1001 key'
		]);
	});

	it('has partners too', async () => {
		const { call } = start();
		await call('POST', '/partners', { code: 'P1', name: 'Fjell AS', email: 'post@fjell.example', vat: 'NO1' });
		expect((await call('GET', '/partners?search=fjell')).json.items).toMatchObject([
			{ code: 'P1', email: 'post@fjell.example', vat: 'NO1', active: true, external_ref: null }
		]);
	});

	it('takes an import with ids and stamps, and goes on after the highest id', async () => {
		const { call, add } = start();
		await add('OLD');
		const stamp = '2026-11-01T08:00:00.000123Z';
		const products = [{ id: '5000', sku: 'S', name: 'x'.repeat(80), price: '1.00', weight: 1.5, updated_at: stamp }];
		expect((await call('PUT', '/admin/import', { products })).json).toEqual({ products: 1, partners: 0 });
		const { items } = (await call('GET', '/products')).json;
		expect(items).toMatchObject([{ id: '5000', sku: 'S', weight: 1.5, updated_at: stamp, active: true }]);
		expect((await add('NEXT'))['id']).toBe('5001');
	});
});

it('the Shop has other names, cents, whole seconds, no tags and silent writes', async () => {
	const { call } = start('shop');
	const body = { code: 'A', title: 'Tent', amount_cents: 1005, reference: 'cm-1' };
	const made = await call('POST', '/products', body);
	expect(made).toMatchObject({ status: 201, json: { uid: '1001' } });
	expect(Object.keys(made.json)).toEqual(['uid']);
	expect(await call('PATCH', '/products/1001', { amount_cents: 99 })).toMatchObject({ status: 204, text: '' });
	const read = await call('GET', '/products/1001');
	expect(read.headers.get('etag')).toBeNull();
	expect(read.json).toEqual({
		uid: '1001',
		code: 'A',
		title: 'Tent',
		text: '',
		barcode: '',
		amount_cents: 99,
		visible: true,
		reference: 'cm-1',
		changed: '2026-11-28T15:00:00Z'
	});
	expect((await call('GET', '/partners')).status).toBe(404);
});

describe('pages', () => {
	const post = (
		app: ReturnType<typeof start>['app'],
		path: string,
		form: Record<string, string>,
		origin = 'http://localhost'
	) =>
		app.request(path, {
			method: 'POST',
			headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
			body: new URLSearchParams(form).toString()
		});

	it('lists, finds and edits a record without JavaScript', async () => {
		const { app, add, call } = start();
		await add('T-1', { name: 'Tent <b>', price: '12.50' });
		await add('T-2', { name: 'Stove' });
		const list = await (await app.request('/?q=tent')).text();
		expect(list).toContain('Nordhang ERP');
		expect(list).toContain('Tent &lt;b&gt;');
		expect(list).not.toContain('Stove');
		expect(list).not.toContain('<script');
		const form = await (await app.request('/page/products/1001')).text();
		expect(form).toContain('value="12.50"');
		const saved = await post(app, '/page/products/1001', {
			sku: 'T-1',
			name: 'Big tent',
			price: '13,00',
			active: 'on'
		});
		expect([saved.status, saved.headers.get('location')]).toEqual([303, '/page/products/1001?saved=1']);
		expect((await call('GET', '/products/1001')).json).toMatchObject({
			name: 'Big tent',
			price: '13.00',
			active: true
		});
		const { items } = (await call('GET', '/log')).json;
		expect(items).toContainEqual(expect.objectContaining({ method: 'POST', id: '1001', by: 'page' }));
	});

	it('says what is wrong and keeps what was typed', async () => {
		const { app, add } = start();
		await add('T-1');
		const refused = await post(app, '/page/products/1001', { sku: 'T-1', name: 'x'.repeat(61) });
		expect(refused.status).toBe(422);
		const page = await refused.text();
		expect(page).toContain('longer than 60 characters');
		expect(page).toContain('x'.repeat(61));
	});

	it('adds and deletes, the latter only when sure', async () => {
		const { app, store } = start();
		const added = await post(app, '/page/products/new', { sku: 'N', name: 'New', active: 'on' });
		expect(added.headers.get('location')).toBe('/page/products/1001?saved=1');
		expect((await post(app, '/page/products/1001/delete', {})).status).toBe(422);
		expect(store.all('products')).toHaveLength(1);
		expect((await post(app, '/page/products/1001/delete', { sure: 'on' })).status).toBe(303);
		expect(store.all('products')).toHaveLength(0);
	});

	it('takes no form from another site', async () => {
		const { app, add, store } = start();
		await add('T-1');
		const foreign = await post(app, '/page/products/1001', { sku: 'T-1', name: 'Evil' }, 'http://evil.example');
		expect(foreign.status).toBe(403);
		expect(store.get('products', '1001')?.values['name']).toBe('T-1');
	});
});

describe('the process', () => {
	const folder = mkdtempSync(join(tmpdir(), 'erp-'));
	let child: ChildProcess | undefined;

	async function run(): Promise<string> {
		child = spawn(process.execPath, ['src/demo/erp/main.ts'], {
			env: { ...process.env, PORT: '0', DATA_FILE: join(folder, 'erp.json') },
			stdio: ['ignore', 'pipe', 'inherit']
		});
		const { stdout } = child;
		return new Promise((resolve, reject) => {
			stdout?.on('data', (text) => {
				const url = /http:\S+/.exec(String(text))?.[0];
				if (url) resolve(url);
			});
			child?.once('exit', () => reject(new Error('the ERP did not start')));
		});
	}

	afterEach(() => {
		child?.kill('SIGKILL');
		rmSync(folder, { recursive: true, force: true });
	});

	it('keeps every answered write through kill -9, and its file is always whole', async () => {
		const headers = { authorization: 'Bearer demo-erp-key' };
		const url = await run();
		const answered: string[] = [];
		const writing = Array.from({ length: 60 }, async (_, each) => {
			const body = JSON.stringify({ sku: `K-${each}`, name: 'Kept' });
			const reply = await fetch(`${url}/products`, { method: 'POST', headers, body }).catch(() => undefined);
			if (reply?.status !== 201) return;
			answered.push(`K-${each}`);
			if (answered.length === 5) child?.kill('SIGKILL');
		});
		await Promise.all(writing);
		expect(answered.length).toBeGreaterThanOrEqual(5);
		JSON.parse(readFileSync(join(folder, 'erp.json'), 'utf8'));
		const again = await run();
		const reply = await fetch(`${again}/products?limit=200`, { headers });
		const { items } = (await reply.json()) as { items: { sku: string }[] };
		expect(items.map(({ sku }) => sku)).toEqual(expect.arrayContaining(answered));
		expect(reply.headers.get('date')).not.toBeNull();
	});
});
