import { expect, it } from 'vitest';
import { createErp } from './create-erp.ts';
import { createErpStore } from './erp-store.ts';

const key = 'test-key';

it('keeps every write with what it replaced, and takes doubles, where that is asked for', async () => {
	const nowMs = () => Date.UTC(2026, 10, 28, 15);
	const store = createErpStore({ nowMs, keepHistory: true, allowDoubles: true });
	const app = createErp({ kind: 'erp', store, nowMs, key });
	const headers = { authorization: `Bearer ${key}`, 'x-author': 'Kari' };
	const send = (method: string, path: string, body?: object) =>
		app.request(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
	for (const name of ['One', 'Two']) expect((await send('POST', '/products', { sku: 'A', name })).status).toBe(201);
	await send('PATCH', '/products/1001', { name: 'New' });
	await send('DELETE', '/products/1002');
	const { items } = (await (await send('GET', '/history?since=1')).json()) as { items: Record<string, unknown>[] };
	expect(items).toMatchObject([
		{ seq: 2, id: '1002', before: null, after: { name: 'Two' } },
		{ seq: 3, id: '1001', by: 'Kari', before: { name: 'One' }, after: { name: 'New' } },
		{ seq: 4, id: '1002', before: { name: 'Two' }, after: null }
	]);
});
