import { describe, expect, it } from 'vitest';
import { createErp } from './create-erp.ts';
import { createErpStore } from './erp-store.ts';
import { createFaults, faultLastsMs } from './faults.ts';

const key = 'test-key';

function start() {
	let ms = Date.UTC(2026, 10, 28, 15);
	const nowMs = () => (ms += 1);
	const faults = createFaults(() => ms);
	const app = createErp({ kind: 'erp', store: createErpStore({ nowMs }), nowMs, key, faults });
	async function call(method: string, path: string, body?: unknown) {
		const init: RequestInit = { method, headers: { authorization: `Bearer ${key}` } };
		if (body !== undefined) init.body = JSON.stringify(body);
		const response = await app.request(path, init);
		const json = (await response.json()) as { items: unknown[] };
		return { status: response.status, headers: response.headers, json };
	}
	return { app, call, faults, wait: (by: number) => (ms += by) };
}

describe('trouble on purpose', () => {
	it('is started and ended by a button, is shown, and ends by itself', async () => {
		const { app, call, wait } = start();
		await call('POST', '/products', { sku: 'T-1', name: 'Tent' });
		const press = (name: string, what: string) =>
			app.request(`/page/faults/${name}`, {
				method: 'POST',
				body: `do=${what}`,
				headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://localhost' }
			});
		const panel = async () => (await app.request('/page/faults')).text();
		expect(await panel()).not.toContain('ends in');
		expect((await press('refuse-writes', 'start')).status).toBe(303);
		expect(await panel()).toContain('ends in');
		expect(await call('PATCH', '/products/1001', { name: 'New' })).toMatchObject({ status: 503 });
		expect((await call('GET', '/products')).json.items).toHaveLength(1);
		await press('refuse-writes', 'end');
		expect(await call('PATCH', '/products/1001', { name: 'New' })).toMatchObject({ status: 200 });
		await press('empty-listing', 'start');
		expect((await call('GET', '/products')).json.items).toEqual([]);
		wait(faultLastsMs);
		expect((await call('GET', '/products')).json.items).toHaveLength(1);
		await press('rate-limit', 'start');
		const limited = await call('GET', '/products');
		expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '5']);
		expect((await press('nonsense', 'start')).status).toBe(404);
	});

	it('loses the reply of one create, which is kept', async () => {
		const { call, faults } = start();
		faults.start('lose-reply');
		const body = { sku: 'T-1', name: 'Tent', external_ref: 'cm-1' };
		expect((await call('POST', '/products', body)).status).toBe(502);
		expect((await call('GET', '/products?external_ref=cm-1')).json.items).toHaveLength(1);
		expect((await call('POST', '/products', { ...body, sku: 'T-2', external_ref: 'cm-2' })).status).toBe(201);
	});

	it('waits for the record whose code was given, whatever else is created meanwhile, and says so', async () => {
		const { app, call } = start();
		const press = (form: string) =>
			app.request('/page/faults/lose-reply', {
				method: 'POST',
				body: form,
				headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://localhost' }
			});
		const panel = async () => (await app.request('/page/faults')).text();
		const create = async (sku: string) =>
			(await call('POST', '/products', { sku, name: 'Tent', external_ref: `cm-${sku}` })).status;
		await press('do=start&code=+t-3%3C+');
		expect(await panel()).toContain('</strong> for t-3&lt;, ends in');
		expect(await create('T-1')).toBe(201);
		expect(await create('T-3<')).toBe(502);
		expect((await call('GET', '/products?external_ref=cm-T-3%3C')).json.items).toHaveLength(1);
		expect(await create('T-4')).toBe(201);
		expect(await panel()).not.toContain('ends in');
		// Started without a code it takes what comes next, whatever it was meant for before.
		await press('do=start&code=T-5');
		await press('do=end');
		await press('do=start&code=');
		expect(await create('T-6')).toBe(502);
	});
});
