import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ConnectorError } from '#src/engine/connectors/error.ts';
import type { Value } from '#src/sync/fields.ts';
import { addCollections, addLocations, firstLocation, removeLocation, updateCollection } from './catalog-rigs.ts';
import { whyNoVendure } from './install.mjs';
import { addProducts, updateVariant } from './rig.ts';
import { startVendure, type VendureServer } from './server.ts';
import {
	collectionOf,
	createVendureWorld,
	linksWithoutProduct,
	locationOf,
	onHandOf,
	plain,
	pricesOf,
	type VendureChannel,
	type VendureStory,
	writes
} from './world.ts';

const reason = whyNoVendure();

describe.skipIf(reason).for([true, false])(
	`every entity with a real Vendure, with the plugin: %s${reason ? ` (not run: ${reason})` : ''}`,
	(plugin) => {
		let server: VendureServer;
		let world: Awaited<ReturnType<typeof createVendureWorld>>;
		let number = 0;
		const code = (name: string) => `${name}-${plugin ? 'A' : 'B'}${number}`;

		beforeAll(async () => {
			server = await startVendure(inject('templateUrl'), { plugin });
			world = await createVendureWorld(server);
		});
		afterAll(async () => {
			await world?.close();
			await server?.stop();
		});

		const expectQuiet = (shop: VendureStory) => world.expectQuiet(shop);

		/** Both sides of a linked pair edit one field. */
		async function bothWays(
			shop: VendureStory,
			pair: { internalId: string; linkId: string; field: string; values: readonly [string, string, string] },
			there: { edit(value: string): Promise<unknown>; read(): Promise<Value> }
		) {
			const { internalId, linkId, field, values } = pair;
			const [first, second, third] = values;
			const ours = async () => plain((await shop.internal(internalId))?.[field] ?? null);
			await shop.run('full');
			expect(await shop.linkState(linkId)).toMatchObject({ status: 'in-sync', problem: null });

			await shop.editInternal(internalId, { [field]: second });
			const confirmed = async () => (await shop.linkState(linkId))?.unconfirmed.length === 0;
			await shop.runUntil(async () => plain(await there.read()) === second && (await confirmed()));
			await there.edit(third);
			await shop.runUntil(async () => (await ours()) === third);

			await shop.editInternal(internalId, { [field]: first });
			await there.edit(second);
			await shop.runUntil(async () => plain(await there.read()) === first);
			expect(await ours()).toBe(first);
			expect((await shop.journal()).flatMap(({ changes }) => changes)).toContainEqual(
				expect.objectContaining({ field, lost: expect.stringContaining(second) as string })
			);
			await expectQuiet(shop);
		}
		const settled = { policy: { conflict: 'internal-wins' } } as const;

		/** A product on both sides, linked, in a channel of these entities. */
		async function linkedProduct(entities: readonly string[], entity: string, set: object = settled) {
			number += 1;
			const shop: VendureChannel = await world.addChannel({ ...set, entities: ['product', ...entities] }, entity);
			const fields = { value: code('TENT'), name: 'Tent', description: null, price: '100' };
			const [external] = await addProducts(shop.client, [fields]);
			const { id, variantId } = external!;
			const internalId = await shop.tell('product').addInternal(fields);
			await shop.tell('product').link(internalId, id, variantId);
			return { shop, internalId, variantId };
		}

		it('a category goes both ways; a deleted one leaves an orphan', async () => {
			number += 1;
			const shop = await world.addChannel({ ...settled, entities: ['product-category'] }, 'product-category');
			const fields = { value: code('tents').toLowerCase(), name: 'Tents', is_active: true };
			// One more, as an empty listing is held for a person.
			const more = { value: code('rest').toLowerCase(), name: 'Rest' };
			const [external] = await addCollections(shop.client, [fields, more]);
			const internalId = await shop.addInternal(fields);
			const linkId = await shop.link(internalId, external!.id);
			await bothWays(
				shop,
				{ internalId, linkId, field: 'name', values: ['Tents', 'Zelte', 'Tentes'] },
				{
					edit: (name) =>
						updateCollection(shop.client, { id: external!.id, translations: [{ languageCode: 'en', name }] }),
					read: async () => (await collectionOf(shop.client, external!.id)).name
				}
			);
			await shop.client.call('mutation ($id: ID!) { deleteCollection(id: $id) { result } }', { id: external!.id });
			await shop.run('full');
			expect(await shop.linkState(linkId)).toMatchObject({ status: 'orphan', problem: { kind: 'missing-external' } });
			expect(await shop.internal(internalId)).toMatchObject({ name: 'Tents' });
		});

		it('categories are created and taken over with what is above them, moved, and left alone', async () => {
			number += 1;
			const shop = await world.addChannel(
				{ entities: ['product-category'], autoCreateExternal: true, autoCreateInternal: true },
				'product-category'
			);
			await shop.run();
			const top = await shop.addInternal({ value: code('OUT'), name: 'Outdoor' });
			const below = await shop.addInternal({ value: code('IN'), name: 'Tents', parent: top });
			const [theirTop] = await addCollections(shop.client, [{ value: code('sea').toLowerCase(), name: 'Sea' }]);
			await addCollections(shop.client, [{ value: code('boats').toLowerCase(), name: 'Boats', parent: theirTop!.id }]);
			for (let run = 0; run < 3; run += 1) await shop.run();
			const links = await shop.links();
			const externalOf = (id: string) => links.find(({ internalId }) => internalId === id)?.externalId ?? '';
			expect(await collectionOf(shop.client, externalOf(below))).toMatchObject({
				slug: code('in').toLowerCase(),
				name: 'Tents',
				parentId: externalOf(top)
			});
			const internalOf = (id: string) => links.find(({ externalId }) => externalId === id)?.internalId ?? '';
			const boats = links.find(({ externalId }) => Number(externalId) === Number(theirTop!.id) + 1);
			expect(await shop.internal(boats?.internalId ?? '')).toMatchObject({
				value: code('boats').toLowerCase(),
				parent: internalOf(theirTop!.id)
			});

			await shop.editInternal(below, { parent: internalOf(theirTop!.id), name: 'Tarps' });
			const theirs = () => collectionOf(shop.client, externalOf(below));
			await shop.runUntil(async () => (await theirs()).parentId === theirTop!.id);
			expect(await theirs()).toMatchObject({ name: 'Tarps' });
			await shop.editInternal(below, { parent: null });
			await shop.runUntil(async () => (await theirs()).parentId !== theirTop!.id);
			await expectQuiet(shop);
			expect(await shop.internal(below)).toMatchObject({ parent: null });
			expect(links.every(({ status }) => status === 'in-sync')).toBe(true);
		});

		it('a create of a category whose answer was lost is found again; a slug that is taken is told', async () => {
			number += 1;
			const shop = await world.addChannel(
				{ entities: ['product-category'], autoCreateExternal: true },
				'product-category'
			);
			await shop.run();
			const mine = await shop.addInternal({ value: code('LOST'), name: 'Lost' });
			world.hooks.after = async ({ query }) => {
				if (!query.includes('ChannelMappingCreateCollection')) return;
				world.hooks.after = undefined;
				throw new ConnectorError('unreachable', { hint: 'The connection was lost.' });
			};
			await shop.run();
			expect(world.hooks.after).toBeUndefined();
			await shop.passTime();
			await shop.run();
			const [link] = (await shop.links()).filter(({ internalId }) => internalId === mine);
			expect(link).toMatchObject({ status: 'in-sync' });
			const { list } = await shop.client.call<{ list: { totalItems: number } }>(
				'query ($slug: String!) { list: collections(options: { filter: { slug: { contains: $slug } } }) { totalItems } }',
				{ slug: code('lost').toLowerCase() }
			);
			expect(list.totalItems).toBe(1);

			const other = { value: code('taken').toLowerCase(), name: 'Taken' };
			await addCollections(shop.client, [other]);
			await shop.editInternal(mine, { value: other.value });
			const { runId } = await shop.run();
			// On a busy machine the run lasts until it is tried again.
			const outcomes = (await shop.items(runId)).map(({ outcome, problem }) => `${outcome} ${problem?.kind}`);
			expect(new Set(outcomes)).toEqual(new Set(['failed duplicate']));
			expect(await shop.linkState(link?.id ?? '')).toMatchObject({ problem: { kind: 'duplicate' } });
		});

		it('a warehouse goes both ways, and is created with its code', async () => {
			number += 1;
			const shop = await world.addChannel(
				{ ...settled, entities: ['warehouse'], autoCreateExternal: true },
				'warehouse'
			);
			const fields = { value: code('NORTH'), name: 'North' };
			const [external] = await addLocations(shop.client, [fields]);
			const internalId = await shop.addInternal(fields);
			const linkId = await shop.link(internalId, external!.id);
			await bothWays(
				shop,
				{ internalId, linkId, field: 'name', values: ['North', 'Nord', 'Norte'] },
				{
					edit: (name) =>
						shop.client.call(
							'mutation ($input: UpdateStockLocationInput!) { updateStockLocation(input: $input) { id } }',
							{
								input: { id: external!.id, name }
							}
						),
					read: async () => (await locationOf(shop.client, external!.id)).name
				}
			);
			const mine = await shop.addInternal({ value: code('SOUTH'), name: 'South' });
			await shop.run();
			const created = (await shop.links()).find((link) => link.internalId === mine);
			expect(await locationOf(shop.client, created?.externalId ?? '')).toEqual({
				name: 'South',
				customFields: { placeNumber: code('SOUTH') }
			});
			await expectQuiet(shop);
			for (const id of [external!.id, created?.externalId ?? '']) await removeLocation(shop.client, id);
			await shop.run('full');
			expect(await shop.linkState(linkId)).toMatchObject({ status: 'orphan' });
		});

		it('a stock level is found by its product and location, sent in whole pieces, and replaces what the shop counted', async () => {
			const {
				shop,
				internalId: product,
				variantId
			} = await linkedProduct(['warehouse', 'stock-level'], 'stock-level', {});
			const locationId = await firstLocation(shop.client);
			const warehouse = await shop.tell('warehouse').addInternal({ value: code('MAIN'), name: 'Main' });
			const internalId = await shop.addInternal({ product, warehouse, on_hand: '10', reserved: '2.5' });
			await shop.run('full');
			expect(await shop.suggestions(), 'its warehouse is not linked').toEqual([]);
			await shop.tell('warehouse').link(warehouse, locationId);
			await shop.runUntil(async () => (await shop.suggestions()).length > 0);
			expect(await shop.suggestions()).toMatchObject([
				{ internalId, externalId: variantId, score: 100, ambiguous: false }
			]);
			await shop.link(internalId, variantId, locationId);
			const there = () => onHandOf(shop.client, variantId, locationId);
			await shop.runUntil(async () => (await there()) === 7);
			await expectQuiet(shop);

			await updateVariant(shop.client, {
				id: variantId,
				stockLevels: [{ stockLocationId: locationId, stockOnHand: 3 }]
			});
			await shop.runUntil(async () => (await there()) === 7);
			expect(await shop.internal(internalId)).toMatchObject({ on_hand: '10.000000' });
			expect(await shop.conflicts()).toEqual([]);
			await shop.editInternal(internalId, { reserved: '12' });
			await shop.runUntil(async () => (await there()) === 0);

			const [second] = await addLocations(shop.client, [{ name: 'Shop' }]);
			const shelf = await shop.tell('warehouse').addInternal({ value: code('SHELF'), name: 'Shelf' });
			await shop.tell('warehouse').link(shelf, second!.id);
			const other = await shop.addInternal({ product, warehouse: shelf, on_hand: '1' });
			await shop.link(other, variantId, second!.id);
			const elsewhere = () => onHandOf(shop.client, variantId, second!.id);
			await shop.runUntil(async () => (await elsewhere()) === 1);
			const calls = world.calls.length;
			for (const id of [internalId, other]) await shop.editInternal(id, { on_hand: '30', reserved: '0' });
			await shop.runUntil(async () => (await there()) === 30 && (await elsewhere()) === 30);
			expect(world.calls.slice(calls).filter(writes), 'both in one call').toHaveLength(1);
			await expectQuiet(shop);
			await removeLocation(shop.client, second!.id);
			const left = await linksWithoutProduct(shop, variantId);
			expect(left).toMatchObject([{ status: 'orphan' }, { status: 'orphan' }]);
		});

		it('a price in a currency goes both ways, and stands apart from that in another', async () => {
			const {
				shop,
				internalId: product,
				variantId
			} = await linkedProduct(['price-list', 'product-price'], 'product-price');
			await updateVariant(shop.client, { id: variantId, prices: [{ currencyCode: 'USD', price: 1250 }] });
			const lists = shop.tell('price-list');
			const list = await lists.addInternal({ value: code('US'), name: 'Retail USA', currency: 'USD' });
			const listLink = await lists.link(list, 'USD');
			await lists.runUntil(async () => (await lists.linkState(listLink))?.status === 'in-sync');
			expect(await lists.linkState(listLink)).toMatchObject({ problem: null });
			const internalId = await shop.addInternal({ product, price_list: list, price: '12.5' });
			await shop.run('full');
			expect(await shop.suggestions()).toMatchObject([
				{ internalId, externalId: variantId, score: 100, ambiguous: false }
			]);
			const linkId = await shop.link(internalId, variantId, 'USD');
			await bothWays(
				shop,
				{ internalId, linkId, field: 'price', values: ['12.5', '13.25', '11'] },
				{
					edit: (price) =>
						updateVariant(shop.client, {
							id: variantId,
							prices: [{ currencyCode: 'USD', price: Math.round(Number(price) * 100) }]
						}),
					read: async () => (await pricesOf(shop.client, variantId))['USD'] ?? null
				}
			);
			expect(await pricesOf(shop.client, variantId)).toMatchObject({ EUR: '100' });
			expect(await linksWithoutProduct(shop, variantId)).toMatchObject([{ status: 'orphan' }]);
		});
	}
);
