import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { parseLines } from '#src/sync/order-lines.ts';
import { confirmChanges, receiveOrders } from '../scenarios/receive-orders.ts';
import type { VendureClient } from './client.ts';
import { whyNoVendure } from './install.mjs';
import { cancelOrder, moveParcel, packOrder, placeOrder, prepareOrders } from './place-order.ts';
import { addCustomer, addProducts } from './rig.ts';
import { startVendure, type VendureServer } from './server.ts';
import { createVendureWorld } from './world.ts';

const reason = whyNoVendure();
vi.setConfig({ testTimeout: 180_000 });

describe.skipIf(reason)(`orders of a real Vendure${reason ? ` (not run: ${reason})` : ''}`, () => {
	let server: VendureServer;
	let world: Awaited<ReturnType<typeof createVendureWorld>>;

	beforeAll(async () => {
		server = await startVendure(inject('templateUrl'), { plugin: true });
		world = await createVendureWorld(server);
	});
	afterAll(async () => {
		await world?.close();
		await server?.stop();
	});

	it('wait for an unknown product, are taken over once it is linked, and take our status', async () => {
		const shop = await world.addChannel(
			{ live: false, entities: ['product', 'business-partner', 'sales-order'] },
			'sales-order'
		);
		const fields = { value: 'TENT', name: 'Tent', description: null, price: '119' };
		const [product] = await addProducts(shop.client, [fields], () => ({ stockOnHand: 10 }));
		const customerId = await addCustomer(shop.client, { value: 'C-1', name: 'Anna Alm', email: 'anna@alm.example' });
		const partner = await shop.tell('business-partner').addInternal({ value: 'C-1', name: 'Anna Alm' });
		await shop.tell('business-partner').link(partner, customerId);
		await prepareOrders(shop.client);
		await shop.run('full');
		await receiveOrders(world.db, shop.channelId);
		const orderId = await placeOrder(shop.client, { customerId, variantId: product!.variantId, quantity: 2 });
		await shop.run();
		expect(await shop.links()).toEqual([]);

		const ours = await shop.tell('product').addInternal(fields);
		await shop.tell('product').link(ours, product!.id, product!.variantId);
		await shop.runUntil(async () => (await shop.links()).length === 1);
		const [link] = await shop.links();
		expect(link).toMatchObject({ externalId: orderId, status: 'in-sync' });
		const order = await shop.internal(link?.internalId ?? '');
		expect(order).toMatchObject({
			name: 'Anna Alm',
			business_partner: partner,
			currency: 'EUR',
			status: 'PaymentSettled'
		});
		expect(parseLines(order?.['lines'] ?? null)).toMatchObject([
			{ product: ours, quantity: '2', amount: '200', tax: '38' }
		]);
		expect(Number(order?.['total'])).toBe(238 + 5.95);

		await shop.editInternal(link?.internalId ?? '', { status: 'Modifying' });
		await shop.runUntil(async () => (await stateOf(shop.client, orderId)) === 'Modifying');
		await shop.run();
		const calls = world.calls.length;
		await shop.run('full');
		expect(world.calls.slice(calls).filter(({ query }) => query.includes('OrderState'))).toEqual([]);
		expect(await shop.linkState(link?.id ?? '')).toMatchObject({ status: 'in-sync', problem: null });
	});

	it('are shipped, delivered and cancelled by what happens at the shop: our word waits for it, its own for a person', async () => {
		const entities = ['product', 'business-partner', 'sales-order'];
		const shop = await world.addChannel({ live: false, entities }, 'sales-order');
		const fields = { value: 'STOVE', name: 'Stove', description: null, price: '119' };
		const [product] = await addProducts(shop.client, [fields], () => ({ stockOnHand: 10 }));
		await shop.tell('product').link(await shop.tell('product').addInternal(fields), product!.id, product!.variantId);
		const customerId = await addCustomer(shop.client, { value: 'C-2', name: 'Bo Berg', email: 'bo@berg.example' });
		const partners = shop.tell('business-partner');
		await partners.link(await partners.addInternal({ value: 'C-2', name: 'Bo Berg' }), customerId);
		await shop.run('full');
		await receiveOrders(world.db, shop.channelId);
		const place = () => placeOrder(shop.client, { customerId, variantId: product!.variantId, quantity: 1 });
		const [sentId, cancelledId] = [await place(), await place()];
		await shop.runUntil(async () => (await shop.links()).length === 2);
		const linkOf = async (id: string) => (await shop.links()).find(({ externalId }) => externalId === id)!;
		const ours = async (id: string) => (await shop.internal((await linkOf(id)).internalId))?.['status'];
		const asked = async (id: string) =>
			(await shop.conflicts()).filter(({ state, external }) => state === 'open' && external === id).length;

		await shop.editInternal((await linkOf(sentId)).internalId, { status: 'Shipped' });
		await shop.runUntil(async () => (await linkOf(sentId)).problem?.kind === 'rejected');
		expect(await stateOf(shop.client, sentId)).toBe('PaymentSettled');
		const parcel = await packOrder(shop.client, sentId);
		await moveParcel(shop.client, parcel, 'Shipped');
		await shop.passTime();
		await shop.runUntil(async () => (await linkOf(sentId)).status === 'in-sync');
		expect((await linkOf(sentId)).problem).toBeNull();

		await moveParcel(shop.client, parcel, 'Delivered');
		await cancelOrder(shop.client, cancelledId);
		await shop.runUntil(async () => (await asked('Delivered')) + (await asked('Cancelled')) === 2);
		expect([await ours(sentId), await ours(cancelledId)]).toEqual(['Shipped', 'PaymentSettled']);
		for (const id of [sentId, cancelledId]) await confirmChanges(world.db, await linkOf(id), ['status']);
		await shop.runUntil(async () => (await ours(sentId)) === 'Delivered' && (await ours(cancelledId)) === 'Cancelled');
		const calls = world.calls.length;
		await shop.run('full');
		expect(world.calls.slice(calls).filter(({ query }) => query.includes('OrderState'))).toEqual([]);
	});
});

async function stateOf(client: VendureClient, id: string): Promise<string> {
	const { order } = await client.call<{ order: { state: string } }>('query ($id: ID!) { order(id: $id) { state } }', {
		id
	});
	return order.state;
}
