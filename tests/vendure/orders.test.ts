import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parseLines } from '#src/sync/order-lines.ts';
import { confirmChanges, receiveOrders } from '../scenarios/receive-orders.ts';
import type { VendureClient } from './client.ts';
import { whyNoVendure } from './install.mjs';
import {
	cancelOnePiece,
	cancelOrder,
	moveParcel,
	packOrder,
	placeOrder,
	prepareOrders,
	refund
} from './place-order.ts';
import { addCustomer, addProducts } from './rig.ts';
import { startVendure, type VendureServer } from './server.ts';
import { createVendureWorld, writes } from './world.ts';

const reason = whyNoVendure();

describe.skipIf(reason).for([true, false])(
	`orders of a real Vendure, with the plugin: %s${reason ? ` (not run: ${reason})` : ''}`,
	(plugin) => {
		let server: VendureServer;
		let world: Awaited<ReturnType<typeof createVendureWorld>>;

		beforeAll(async () => {
			server = await startVendure(inject('templateUrl'), { plugin });
			world = await createVendureWorld(server);
			await prepareOrders(server.client);
		});
		afterAll(async () => {
			await world?.close();
			await server?.stop();
		});

		/** A channel with two orders of a linked product and customer. */
		async function twoOrders({ value, customer, quantity }: { value: string; customer: string; quantity: number }) {
			const entities = ['product', 'business-partner', 'sales-order'];
			const shop = await world.addChannel({ live: false, entities }, 'sales-order');
			const fields = { value, name: value, description: null, price: '119' };
			const [product] = await addProducts(shop.client, [fields], () => ({ stockOnHand: 10 }));
			await shop.tell('product').link(await shop.tell('product').addInternal(fields), product!.id, product!.variantId);
			const person = { value: customer, name: 'Bo Berg' };
			const customerId = await addCustomer(shop.client, { ...person, email: `${customer}@berg.example` });
			const partners = shop.tell('business-partner');
			await partners.link(await partners.addInternal(person), customerId);
			await shop.run('full');
			await receiveOrders(world.db, shop.channelId);
			const place = () => placeOrder(shop.client, { customerId, variantId: product!.variantId, quantity });
			const placed = [await place(), await place()] as const;
			await shop.runUntil(async () => (await shop.links()).length === 2);
			const linkOf = async (id: string) => (await shop.links()).find(({ externalId }) => externalId === id)!;
			return { shop, placed, linkOf };
		}

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
			expect(world.calls.slice(calls).filter(({ query }) => query.includes('transitionOrderToState'))).toEqual([]);
			expect(await shop.linkState(link?.id ?? '')).toMatchObject({ status: 'in-sync', problem: null });
		});

		it('are shipped, delivered and cancelled by what happens at the shop: our word waits for it, its own for a person', async () => {
			const { shop, placed, linkOf } = await twoOrders({ value: 'STOVE', customer: 'C-2', quantity: 1 });
			const [sentId, cancelledId] = placed;
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
			await shop.runUntil(
				async () => (await ours(sentId)) === 'Delivered' && (await ours(cancelledId)) === 'Cancelled'
			);
			const calls = world.calls.length;
			await shop.run('full');
			expect(world.calls.slice(calls).filter(({ query }) => query.includes('transitionOrderToState'))).toEqual([]);
		});

		it('that lose a part there, or go on at both sides, ask first; money paid back is no change; one that is gone stays here', async () => {
			const { shop, placed, linkOf } = await twoOrders({ value: 'ROPE', customer: 'C-3', quantity: 2 });
			const [partId, bothId] = placed;
			const ours = async (id: string) => (await shop.internal((await linkOf(id)).internalId)) ?? {};
			const asked = async () =>
				(await shop.conflicts())
					.filter(({ state }) => state === 'open')
					.map(({ field }) => field)
					.toSorted();
			await cancelOnePiece(shop.client, partId);
			await shop.runUntil(async () => (await asked()).length > 0);
			expect(await asked()).toEqual(['lines', 'tax', 'total']);
			expect(Number((await ours(partId))['total'])).toBe(238 + 5.95);
			await confirmChanges(world.db, await linkOf(partId), ['lines', 'tax', 'total']);
			await shop.runUntil(async () => Number((await ours(partId))['total']) === 119 + 5.95);
			expect(parseLines((await ours(partId))['lines'] ?? null)).toMatchObject([
				{ quantity: '1', amount: '100', tax: '19' }
			]);

			const links = await shop.links();
			const calls = world.calls.length;
			await refund(shop.client, partId, 11_900);
			for (const mode of ['incremental', 'full'] as const) await shop.run(mode);
			expect(await asked()).toEqual([]);
			expect(await shop.links()).toEqual(links);
			expect(world.calls.slice(calls).filter(writes)).toEqual([]);

			await shop.editInternal((await linkOf(bothId)).internalId, { status: 'Modifying' });
			await moveParcel(shop.client, await packOrder(shop.client, bothId), 'Shipped');
			await shop.runUntil(async () => (await asked()).length > 0);
			expect(await asked(), 'changed on both sides').toEqual(['status']);
			expect([(await ours(bothId))['status'], await stateOf(shop.client, bothId)]).toEqual(['Modifying', 'Shipped']);

			await takeOut(server, partId);
			await shop.run('full');
			expect(await linkOf(partId)).toMatchObject({ status: 'orphan', problem: { kind: 'missing-external' } });
			expect(await ours(partId)).toMatchObject({ status: 'PaymentSettled' });
		});
	}
);

/** Vendure deletes no order that was placed; somebody at its database takes it out of the channel. */
async function takeOut({ databaseUrl }: VendureServer, orderId: string): Promise<void> {
	const sql = postgres(databaseUrl, { max: 1 });
	await sql`delete from order_channels_channel where "orderId" = ${orderId}`;
	await sql.end();
}

async function stateOf(client: VendureClient, id: string): Promise<string> {
	const { order } = await client.call<{ order: { state: string } }>('query ($id: ID!) { order(id: $id) { state } }', {
		id
	});
	return order.state;
}
