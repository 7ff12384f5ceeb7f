import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { goLive } from '#src/store/go-live.ts';
import { saveChannelEntity } from '#src/store/save-channel-entity.ts';
import { parseLines } from '#src/sync/order-lines.ts';
import type { VendureClient } from './client.ts';
import { whyNoVendure } from './install.mjs';
import { placeOrder, prepareOrders } from './place-order.ts';
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
		await receive(shop.channelId);
		const orderId = await placeOrder(shop.client, { customerId, variantId: product!.variantId, quantity: 2 });
		await shop.run();
		expect(await shop.links()).toEqual([]);

		const ours = await shop.tell('product').addInternal(fields);
		await shop.tell('product').link(ours, product!.id, product!.variantId);
		await shop.run();
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
		await shop.run();
		expect(await stateOf(shop.client, orderId)).toBe('Modifying');
		await shop.run();
		const calls = world.calls.length;
		await shop.run('full');
		expect(world.calls.slice(calls).filter(({ query }) => query.includes('OrderState'))).toEqual([]);
		expect(await shop.linkState(link?.id ?? '')).toMatchObject({ status: 'in-sync', problem: null });
	});

	/** From now on, orders are taken over. */
	async function receive(channelId: string) {
		const at = { channelId, entity: 'sales-order', actor: { name: 'ann@example.org' }, via: 'web' as const };
		for (const direction of ['push', 'pull'] as const) await goLive(world.db, { ...at, direction });
		const [row] = await world.db.execute<{ settingsRev: number }>(sql`
			select settings_rev as "settingsRev" from c_channel_entity
			where c_channel_id = ${channelId}::bigint and entity = 'sales-order'`);
		await saveChannelEntity(world.db, { ...at, settingsRev: row?.settingsRev ?? 0, autoCreateInternal: true });
	}
});

async function stateOf(client: VendureClient, id: string): Promise<string> {
	const { order } = await client.call<{ order: { state: string } }>('query ($id: ID!) { order(id: $id) { state } }', {
		id
	});
	return order.state;
}
