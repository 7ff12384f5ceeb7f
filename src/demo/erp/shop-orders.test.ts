import { expect, test } from 'vitest';
import { createErp } from './create-erp.ts';
import { createErpStore } from './erp-store.ts';

const key = 'shop-key';
const nowMs = () => Date.UTC(2026, 10, 29, 8);
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };

function openShop() {
	const store = createErpStore({ nowMs, wholeSeconds: true });
	const app = createErp({ kind: 'shop', store, nowMs, key });
	const tent = store.insert('products', { sku: 'T-1', name: 'Tent', price: '100.00', active: true }, null);
	const post = (path: string, fields: Record<string, string>) =>
		app.request(path, { method: 'POST', body: new URLSearchParams(fields), headers: { origin: 'http://localhost' } });
	const patch = (id: string, body: object) =>
		app.request(`/orders/${id}`, { method: 'PATCH', headers, body: JSON.stringify(body) });
	const filled = {
		code: 'S-7',
		name: 'Karen Juul',
		placed: '2026-11-29T07:00:00Z',
		lines: `${tent.id} 2 45.50\r\n- 1 4.90 Gift wrap`,
		shipping: '4,90',
		discount: '1.00',
		tax: '19.00',
		total: '118.80',
		state: 'open'
	};
	return { store, app, tent, post, patch, filled };
}

test('an order placed on the page is told to programs in cents, with its positions', async () => {
	const { app, tent, post, filled } = openShop();
	expect(await (await app.request('/page/orders/new')).text()).toContain('S-5001');
	expect((await post('/page/orders/new', filled)).status).toBe(303);
	const reply = await app.request('/orders', { headers });
	const { items } = (await reply.json()) as { items: { uid: string }[] };
	expect(items).toMatchObject([
		{
			number: 'S-7',
			buyer: 'Karen Juul',
			placed: '2026-11-29T07:00:00.000Z',
			state: 'open',
			positions: [
				{ no: 1, article: tent.id, title: 'Tent', pieces: 2, each_cents: 4550 },
				{ no: 2, article: null, title: 'Gift wrap', pieces: 1, each_cents: 490 }
			],
			...{ shipping_cents: 490, rebate_cents: 100, tax_cents: 1900, total_cents: 11_880 },
			changed: '2026-11-29T08:00:00Z'
		}
	]);
	expect(await (await app.request('/page/orders')).text()).toContain('Karen Juul');
});

test('what is no line is refused on the page, as it was typed', async () => {
	const { store, post, filled } = openShop();
	const refused = await post('/page/orders/new', { ...filled, lines: 'two tents please' });
	expect(refused.status).toBe(422);
	const page = await refused.text();
	expect(page).toContain('A line is:');
	expect(page).toContain('two tents please');
	expect(store.all('orders')).toEqual([]);
});

test('programs change the state of an order and nothing else, and place none', async () => {
	const { store, app, post, patch, filled } = openShop();
	await post('/page/orders/new', filled);
	const id = store.all('orders')[0]?.id ?? '';
	expect((await patch(id, { state: 'shipped' })).status).toBe(204);
	expect(store.get('orders', id)?.values['state']).toBe('shipped');
	expect((await patch(id, { state: 'lost' })).status).toBe(422);
	expect((await patch(id, { total_cents: 1 })).status).toBe(422);
	const placed = await app.request('/orders', { method: 'POST', headers, body: JSON.stringify({ state: 'open' }) });
	expect(placed.status).toBe(422);
});
