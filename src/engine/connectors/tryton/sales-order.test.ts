import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objectionToOrder } from '#src/entities/sales-order/order-total.ts';
import { parseLines } from '#src/sync/order-lines.ts';
import { connect, decimal, type TrytonClient } from '../../../../tests/tryton/client.ts';
import { productRig } from '../../../../tests/tryton/rig.ts';
import { addQuotation, stateOf } from '../../../../tests/tryton/sales.ts';
import type { Resource } from '../connector.ts';
import { createTransport } from '../http.ts';
import { type FakeTryton, startFakeTryton } from './fake.ts';
import { tryton } from './index.ts';

let fake: FakeTryton;
let client: TrytonClient;
let orders: Resource;

beforeEach(async () => {
	fake = await startFakeTryton();
	client = await connect(fake);
	const { url, database, user, password } = fake;
	const transport = createTransport({ fetch, monotonicNow: () => performance.now(), wallNow: () => Date.now() });
	orders = tryton
		.open({ settings: { url, database, user }, credentials: { password }, transport })
		.resource('sales-order')!;
});
afterEach(() => fake.stop());

const one = async (id: number) => (await orders.read([{ id: String(id), variantId: '' }]))[0];
const tents = [{ text: 'Tent', quantity: 2, price: '45.50' }];

describe('sales orders of a Tryton', () => {
	it('add up, with raw ids of products; titles are lines without an amount, subtotals none', async () => {
		const [key] = await productRig({ ...fake, client }).seed([{ value: 'T-1', name: 'Tent', price: '50' }]);
		const id = await addQuotation(client, [{ product: Number(key?.variantId), quantity: 2, price: '45.50' }], {
			tax_amount: decimal('17.29')
		});
		await client.create('sale.line', { sale: id, type: 'title', description: 'For the club', sequence: 1 });
		await client.create('sale.line', { sale: id, type: 'subtotal', description: 'Sum', sequence: 2 });
		const record = await one(id);
		expect(record?.fields).toMatchObject({
			value: `S${id}`,
			name: 'Kayak Club',
			status: 'quotation',
			tax: '17.29',
			total: '108.29',
			currency: 'EUR'
		});
		expect(parseLines(record?.fields['lines'] ?? null)).toMatchObject([
			{ line: '1', product: `${key?.id}/${key?.variantId}`, text: 'Tent', quantity: '2', unit: 'u', amount: '91' },
			{ line: '2', product: null, text: 'For the club', quantity: null, amount: null }
		]);
		expect(objectionToOrder(record?.fields ?? {})).toBeNull();
		await client.write('sale.sale', id, { total_amount: decimal('108.30') });
		expect(objectionToOrder((await one(id))?.fields ?? {})).toMatchObject({ kind: 'order-total' });
	});

	it('are none before they have a number', async () => {
		const id = await addQuotation(client, tents);
		await client.write('sale.sale', id, { state: 'draft', number: null });
		expect(await one(id)).toBeUndefined();
		expect((await orders.list(null)).records).toEqual([]);
	});

	it('were ordered when they were entered, or on a later day that the sale names', async () => {
		const id = await addQuotation(client, tents);
		const entered = (await client.one('sale.sale', [['id', '=', id]], ['create_date']))['create_date'];
		const on = async (year: number, month: number, day: number) => {
			await client.write('sale.sale', id, { sale_date: { __class__: 'date', year, month, day } });
			return (await one(id))?.fields['ordered_at'];
		};
		expect((await one(id))?.fields['ordered_at']).toBe(entered);
		expect(await on(2026, 11, 28)).toBe(entered);
		expect(await on(2026, 12, 3)).toBe('2026-12-03T00:00:00.000000Z');
	});

	it('show a line that is written by itself as a change and another version', async () => {
		const id = await addQuotation(client, tents);
		const before = await one(id);
		await fake.pass(5000);
		const later = '2026-11-28T15:00:04Z';
		expect((await orders.changes!(later, null)).records).toEqual([]);
		const { id: line } = await client.one('sale.line', [['sale', '=', id]], ['id']);
		await client.write('sale.line', Number(line), { quantity: 3 });
		const [changed] = (await orders.changes!(later, null)).records;
		expect(changed?.fields['total']).toBe('136.50');
		expect(changed?.version).not.toBe(before?.version);
		expect(changed?.stamp).toBe(before?.stamp);
	});

	it('take each step that Tryton has, and keep the words where there is none', async () => {
		const id = await addQuotation(client, tents);
		const to = (status: string) => orders.update!({ id: String(id), variantId: '', version: null, fields: { status } });
		for (const status of ['draft', 'cancelled', 'draft', 'quotation', 'confirmed', 'processing']) {
			expect((await to(status)).fields).toMatchObject({ status });
			expect(await stateOf(client, id)).toBe(status);
		}
		await expect(to('cancelled')).rejects.toMatchObject({
			kind: 'rejected',
			reply: 'There is no step from "processing" to "cancelled".'
		});
		await expect(to('lost')).rejects.toMatchObject({ kind: 'rejected' });
		expect(orders.create).toBeUndefined();
	});

	it('say so where Tryton passes over a step, and know nothing where it went further by itself', async () => {
		const id = await addQuotation(client, tents);
		const confirm = () =>
			orders.update!({ id: String(id), variantId: '', version: null, fields: { status: 'confirmed' } });
		const method = 'model.sale.sale.confirm';
		fake.answerNext(method, () => Response.json({ id: 1, result: null }));
		await expect(confirm()).rejects.toMatchObject({ kind: 'rejected', reply: 'The step was not taken.' });
		fake.meddle(method, async () => {
			await client.call('sale.sale.confirm', [id]);
			await client.call('sale.sale.process', [id]);
		});
		expect(await confirm()).toEqual({ version: null, stamp: null, fields: null });
		expect(await stateOf(client, id)).toBe('processing');
	});

	it('name the module that is missing', async () => {
		fake.answerNext('model.sale.sale.search_read', () => new Response('<h1>Forbidden</h1>', { status: 403 }));
		await expect(orders.list(null)).rejects.toMatchObject({
			kind: 'misconfigured',
			hint: expect.stringContaining('Activate the module sale there') as string
		});
	});

	it('cost only themselves where a quantity cannot be told', async () => {
		const id = await addQuotation(client, [{ text: 'Dust', quantity: 1e-7, price: '1' }]);
		expect(await one(id)).toMatchObject({ unreadable: { lines: expect.stringContaining('1e-7') as string } });
		expect((await one(id))?.fields['lines']).toBeUndefined();
	});
});
