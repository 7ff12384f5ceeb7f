import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { addCollections, addLocations, firstLocation } from './catalog-rigs.ts';
import { whyNoVendure } from './install.mjs';
import { addCustomer, addProducts, updateVariant } from './rig.ts';
import { startVendure, type VendureServer } from './server.ts';
import { createVendureWorld, locationOf, pricesOf, type VendureStory, writes } from './world.ts';

const reason = whyNoVendure();

describe.skipIf(reason).for([true, false])(
	`what a real Vendure has and we have not, or the other way round, with the plugin: %s${reason ? ` (not run: ${reason})` : ''}`,
	(plugin) => {
		let server: VendureServer;
		let world: Awaited<ReturnType<typeof createVendureWorld>>;

		beforeAll(async () => {
			server = await startVendure(inject('templateUrl'), { plugin });
			world = await createVendureWorld(server);
		});
		afterAll(async () => {
			await world?.close();
			await server?.stop();
		});

		const linkOf = async (shop: VendureStory, externalId: string, variantId = '') =>
			(await shop.links()).find((link) => link.externalId === externalId && link.variantId === variantId);
		/** The record of ours that was made from one there, once it is. */
		async function madeFrom(shop: VendureStory, externalId: string, variantId = '') {
			await shop.runUntil(async () => (await linkOf(shop, externalId, variantId))?.status === 'in-sync');
			return (await linkOf(shop, externalId, variantId))?.internalId ?? '';
		}
		const counted = async (entity: string, value: string) => {
			const { recordTable } = entityNamed(entity) as Entity;
			const [row] = await world.db.execute<{ count: number }>(
				sql`select count(*)::integer as count from ${sql.identifier(recordTable)} where value = ${value}`
			);
			return row?.count;
		};

		it('a stock location is taken over with its code, once; one without a code once it has one', async () => {
			const shop = await world.addChannel({ entities: ['warehouse'], autoCreateInternal: true }, 'warehouse');
			const [east] = await addLocations(shop.client, [{ value: 'EAST', name: 'East' }]);
			const run = await shop.run();
			const first = await firstLocation(shop.client);
			expect(await shop.items(run.runId)).toContainEqual(
				expect.objectContaining({
					action: 'create-internal',
					outcome: 'failed',
					problem: expect.objectContaining({ kind: 'incomplete' }) as object
				})
			);
			const internalId = await madeFrom(shop, east!.id);
			expect(await shop.internal(internalId)).toMatchObject({ value: 'EAST', name: 'East', is_active: true });
			expect(await linkOf(shop, first)).toBeUndefined();
			const update = (id: string, input: object) =>
				shop.client.call('mutation ($input: UpdateStockLocationInput!) { updateStockLocation(input: $input) { id } }', {
					input: { id, ...input }
				});
			await update(first, { customFields: { placeNumber: 'MAIN' } });
			expect(await shop.internal(await madeFrom(shop, first))).toMatchObject({ value: 'MAIN' });

			await update(east!.id, { name: 'Far east' });
			await shop.runUntil(async () => (await shop.internal(internalId))?.['name'] === 'Far east');
			await shop.editInternal(internalId, { value: 'EAST-1' });
			const codeThere = async () => (await locationOf(shop.client, east!.id)).customFields;
			await shop.runUntil(async () => JSON.stringify(await codeThere()).includes('EAST-1'));
			await world.expectQuiet(shop);
			expect([await counted('warehouse', 'EAST-1'), await counted('warehouse', 'MAIN')]).toEqual([1, 1]);
		});

		it('currencies are taken over as price lists, and prices once what they point to is linked; those that end there leave orphans', async () => {
			const shop = await world.addChannel(
				{
					entities: ['product', 'price-list', 'product-price'],
					autoCreateInternal: true,
					policy: { conflict: 'external-wins' }
				},
				'product-price'
			);
			const [lists, products] = [shop.tell('price-list'), shop.tell('product')];
			const [tent] = await addProducts(shop.client, [{ value: 'TENT', name: 'Tent', price: '100' }]);
			const { id, variantId } = tent!;
			const priced = (price: number, more: object = {}) =>
				updateVariant(shop.client, { id: variantId, prices: [{ currencyCode: 'USD', price, ...more }] });
			await priced(11_050);
			await shop.run();
			expect(await shop.links(), 'they wait').toEqual([]);

			const list = await madeFrom(lists, 'USD');
			await madeFrom(lists, 'EUR');
			expect(await lists.internal(list)).toMatchObject({ value: 'USD', name: 'Prices in USD', currency: 'USD' });
			await lists.editInternal(list, { name: 'Retail USA' });
			const product = await madeFrom(products, id, variantId);
			const price = await madeFrom(shop, variantId, 'USD');
			expect(await shop.internal(price)).toMatchObject({ product, price_list: list, price: '110.500000' });
			await madeFrom(shop, variantId, 'EUR');
			for (const story of [lists, products, shop]) await world.expectQuiet(story);
			expect(await lists.internal(list), 'a name of our own').toMatchObject({ name: 'Retail USA' });

			await shop.editInternal(price, { price: '99' });
			await priced(12_000);
			await shop.runUntil(async () => (await shop.internal(price))?.['price'] === '120.000000');
			expect((await shop.journal()).flatMap(({ changes }) => changes)).toContainEqual(
				expect.objectContaining({ field: 'price', lost: expect.stringContaining('99') as string })
			);
			expect(await pricesOf(shop.client, variantId)).toEqual({ EUR: '100', USD: '120' });

			await priced(0, { delete: true });
			await shop.run('full');
			expect(await linkOf(shop, variantId, 'USD')).toMatchObject({ status: 'orphan' });
			expect(await linkOf(shop, variantId, 'EUR')).toMatchObject({ status: 'in-sync' });
			await setCurrencies(['EUR']);
			await lists.run('full');
			expect(await linkOf(lists, 'USD')).toMatchObject({ status: 'orphan', problem: { kind: 'missing-external' } });
			expect(await linkOf(lists, 'EUR')).toMatchObject({ status: 'in-sync' });
			expect([await lists.internal(list), await shop.internal(price)]).toMatchObject([
				{ currency: 'USD' },
				{ price: '120.000000' }
			]);
			await setCurrencies(['EUR', 'USD']);
		});

		async function setCurrencies(availableCurrencyCodes: readonly string[]) {
			const { activeChannel } = await server.client.call<{ activeChannel: { id: string } }>('{ activeChannel { id } }');
			const document = 'mutation ($input: UpdateChannelInput!) { updateChannel(input: $input) { __typename } }';
			await server.client.call(document, { input: { id: activeChannel.id, availableCurrencyCodes } });
		}

		it.each([
			{
				entity: 'product',
				fields: { value: 'GONE', name: 'Gone', description: null, price: '1' },
				add: async (shop: VendureStory) => {
					const [made] = await addProducts(shop.client, [{ value: 'GONE', name: 'Gone', price: '1' }]);
					return [made!.id, made!.variantId];
				}
			},
			{
				entity: 'product-category',
				fields: { value: 'gone', name: 'Gone' },
				add: async (shop: VendureStory) => [
					(await addCollections(shop.client, [{ value: 'gone', name: 'Gone' }]))[0]!.id
				]
			},
			{
				entity: 'business-partner',
				fields: { value: 'GONE', name: 'Max Gone', email: 'gone@alm.example' },
				add: async (shop: VendureStory) => [
					await addCustomer(shop.client, { value: 'GONE', name: 'Max Gone', email: 'gone@alm.example' })
				]
			},
			{
				entity: 'warehouse',
				fields: { value: 'GONE', name: 'Gone' },
				add: async (shop: VendureStory) => [(await addLocations(shop.client, [{ value: 'GONE', name: 'Gone' }]))[0]!.id]
			}
		])('a $entity of ours that is deleted leaves an orphan, and the shop keeps its own', async (kind) => {
			const { entity, fields, add } = kind;
			const shop = await world.addChannel({ entities: [entity], autoCreateExternal: true }, entity);
			const [id = '', variantId = ''] = await add(shop);
			const internalId = await shop.addInternal(fields);
			const linkId = await shop.link(internalId, id, variantId);
			await shop.runUntil(async () => (await shop.linkState(linkId))?.status === 'in-sync', 'full');
			const { recordTable } = entityNamed(entity) as Entity;
			await world.db.execute(sql`delete from ${sql.identifier(recordTable)} where id = ${internalId}::bigint`);
			const calls = world.calls.length;
			for (const mode of ['incremental', 'full'] as const) await shop.run(mode);
			expect(await shop.linkState(linkId)).toMatchObject({ status: 'orphan', problem: { kind: 'missing-internal' } });
			expect(world.calls.slice(calls).filter(writes)).toEqual([]);
			await world.expectQuiet(shop);
		});
	}
);
