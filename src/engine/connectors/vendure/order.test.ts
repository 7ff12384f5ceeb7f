import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectionToOrder } from '#src/entities/sales-order/order-total.ts';
import { parseLines } from '#src/sync/order-lines.ts';
import type { Resource } from '../connector.ts';
import { createTransport } from '../http.ts';
import { type FakeVendure, startFakeVendure } from './fake.ts';
import { vendure } from './index.ts';

/** Two tents at 50.00 less 10 % of the whole order, a fee, and shipping, with 19 % tax. */
const order = {
	id: '7',
	updatedAt: '2026-11-29T12:00:00.000Z',
	type: 'Regular',
	code: 'ORDER-7',
	state: 'PaymentSettled',
	orderPlacedAt: '2026-11-29T11:00:00.000Z',
	currencyCode: 'EUR',
	customer: { id: '3', firstName: 'Anna Maria', lastName: 'Alm' },
	lines: [
		{
			id: '12',
			quantity: 2,
			unitPrice: 5000,
			proratedLinePrice: 9000,
			lineTax: 1710,
			productVariant: { id: '5', name: 'Tent', product: { id: '4' } }
		}
	],
	surcharges: [{ description: 'Gift box', price: 200, priceWithTax: 238 }],
	shipping: 500,
	total: 9700,
	totalWithTax: 11_543
};

describe('orders of a Vendure', () => {
	let fake: FakeVendure;
	let orders: Resource;
	const answer = (...items: object[]) => fake.answerNext('orders', () => Response.json({ data: { found: { items } } }));

	beforeAll(async () => {
		fake = await startFakeVendure();
		const send = createTransport({ fetch, monotonicNow: () => performance.now(), wallNow: () => Date.now() });
		const { url, user, password } = fake;
		const session = vendure.open({ settings: { url }, credentials: { user, password }, transport: send });
		orders = session.resource('sales-order')!;
	});
	afterAll(() => fake.stop());

	it('add up, with discounts in the lines and surcharges as lines without a product', async () => {
		answer(order);
		const [record] = await orders.read([{ id: '7', variantId: '' }]);
		expect(record?.fields).toMatchObject({
			value: 'ORDER-7',
			name: 'Anna Maria Alm',
			business_partner: '3',
			status: 'PaymentSettled',
			shipping: '5.00',
			tax: '18.43',
			total: '115.43',
			currency: 'EUR'
		});
		expect(parseLines(record?.fields['lines'] ?? null)).toMatchObject([
			{ line: '1', product: '4/5', text: 'Tent', quantity: '2', price: '50', amount: '90', tax: '17.1' },
			{ line: '2', product: null, text: 'Gift box', amount: '2' }
		]);
		expect(objectionToOrder(record?.fields ?? {})).toBeNull();
	});

	it('are only those that were placed, and no part of another one', async () => {
		answer({ ...order, type: 'Seller' });
		expect(await orders.read([{ id: '7', variantId: '' }])).toEqual([]);
		const { args } = fake.calls.at(-1)!;
		expect(args).toMatchObject({ options: { filter: { orderPlacedAt: { isNull: false } } } });
	});

	it.each(['Shipped', 'PartiallyShipped', 'Delivered', 'Cancelled'])(
		'that the shop has as "%s" say so',
		async (state) => {
			answer({ ...order, state });
			const [record] = await orders.read([{ id: '7', variantId: '' }]);
			expect(record?.fields).toMatchObject({ status: state });
			expect(orders.fields.find(({ name }) => name === 'status')?.normal(state)).toBe(state);
		}
	);

	it('that are cancelled keep their lines, with nothing in them, and add up', async () => {
		const nothing = { quantity: 0, proratedLinePrice: 0, lineTax: 0 };
		const lines = order.lines.map((line) => ({ ...line, ...nothing }));
		answer({ ...order, state: 'Cancelled', lines, surcharges: [], shipping: 0, total: 0, totalWithTax: 0 });
		const [record] = await orders.read([{ id: '7', variantId: '' }]);
		expect(record?.fields).toMatchObject({ status: 'Cancelled', total: '0.00' });
		expect(parseLines(record?.fields['lines'] ?? null)).toMatchObject([{ product: '4/5', quantity: '0', amount: '0' }]);
		expect(objectionToOrder(record?.fields ?? {})).toBeNull();
	});

	it('take our status where it can follow there, and keep the words of a refusal', async () => {
		answer(order);
		const [{ id, variantId } = { id: '', variantId: '' }] = await orders.read([{ id: '7', variantId: '' }]);
		const write = () => orders.update!({ id, variantId, version: null, fields: { status: 'Shipped' } });
		const moved = (data: object) =>
			fake.answerNext('transitionOrderToState', () => Response.json({ data: { w0: data } }));
		moved({ __typename: 'Order' });
		await write();
		expect(fake.calls.at(-1)?.args).toEqual({ id: '7', state: 'Shipped' });
		const refusal = { message: 'Cannot transition.', transitionError: 'Not all lines are fulfilled.' };
		moved({ __typename: 'OrderStateTransitionError', ...refusal });
		await expect(write()).rejects.toMatchObject({
			kind: 'rejected',
			reply: 'Cannot transition. Not all lines are fulfilled.'
		});
		expect(orders.create).toBeUndefined();
	});
});
