import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { VendureClient } from './client.ts';
import { whyNoVendure } from './install.mjs';
import { addParents } from './parent-rig.ts';
import { addProducts, updateProduct } from './rig.ts';
import { startVendure, type VendureServer } from './server.ts';
import { createVendureWorld, productOf, stampsOf, writes } from './world.ts';

const reason = whyNoVendure();

describe.skipIf(reason).for([true, false])(
	`variants of a real Vendure, with the plugin: %s${reason ? ` (not run: ${reason})` : ''}`,
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

		it('share the name and description of their product, which has one link', async () => {
			const shop = await world.addChannel({ entities: ['product', 'product-parent'] });
			const parents = shop.tell('product-parent');
			const [tent] = await addParents(shop.client, [{ name: 'TENT', description: 'Light' }]);
			const [alone] = await addProducts(shop.client, [{ value: 'ALONE', name: 'Stove', description: 'Hot' }]);
			const parent = await parents.addInternal({ value: 'P-1', name: 'TENT', description: 'Light', is_active: true });
			const parentLink = await parents.link(parent, tent!.id);
			expect(await parents.run('full')).toMatchObject({ state: 'succeeded', counts: { scanned: 1 } });
			expect(await parents.linkState(parentLink)).toMatchObject({ status: 'in-sync' });
			const [variantId] = tent!.variants;
			const fields = { value: 'TENT-0', name: 'TENT 0', description: 'Our own', price: '1', is_active: true };
			const variant = await shop.addInternal(fields);
			const linkId = await shop.link(variant, tent!.id, variantId);
			const stove = await shop.addInternal({ ...fields, value: 'ALONE', name: 'Stove', description: 'Hot' });
			const stoveLink = await shop.link(stove, alone!.id, alone!.variantId);
			await shop.run('full');
			expect(await shop.linkState(linkId)).toMatchObject({ status: 'in-sync' });
			expect(await shop.internal(variant)).toMatchObject({ parent, description: 'Our own' });
			expect(await shop.linkState(stoveLink)).toMatchObject({ status: 'in-sync' });

			await parents.editInternal(parent, { name: 'Dome', description: 'Lighter' });
			await parents.runUntil(async () => (await textsOf(shop.client, tent!.id)).name === 'Dome');
			await shop.run();
			expect(await productOf(shop.client, variantId!)).toMatchObject({ name: 'TENT 0', description: 'Lighter' });
			await updateProduct(shop.client, {
				id: tent!.id,
				translations: [{ languageCode: 'en', description: 'Lightest' }]
			});
			await parents.runUntil(async () => (await parents.internal(parent))?.['description'] === 'Lightest');
			await shop.editInternal(variant, { name: 'Dome, small', description: 'Still our own' });
			await shop.runUntil(async () => (await productOf(shop.client, variantId!))['name'] === 'Dome, small');
			expect(await textsOf(shop.client, tent!.id)).toEqual({ name: 'Dome', description: 'Lightest' });

			const before = await stampsOf(shop.client);
			const calls = world.calls.length;
			for (const mode of ['incremental', 'full'] as const) {
				await parents.run(mode);
				await shop.run(mode);
			}
			expect(await stampsOf(shop.client)).toEqual(before);
			expect(world.calls.slice(calls).filter(writes)).toEqual([]);
		});

		it('have a product that is taken over, settled where both sides renamed it, and an orphan once it is gone there', async () => {
			const parents = await world.addChannel(
				{ entities: ['product-parent'], autoCreateInternal: true, policy: { conflict: 'external-wins' } },
				'product-parent'
			);
			await parents.run();
			const [dome, other] = await addParents(parents.client, [{ name: 'DOME', description: 'High' }, { name: 'YURT' }]);
			await parents.run();
			const linkOf = async (id: string) => (await parents.links()).find(({ externalId }) => externalId === id);
			const link = await linkOf(dome!.id);
			const internalId = link?.internalId ?? '';
			expect(await parents.internal(internalId)).toMatchObject({ name: 'DOME', description: 'High' });

			await parents.editInternal(internalId, { name: 'Ours' });
			await updateProduct(parents.client, { id: dome!.id, translations: [{ languageCode: 'en', name: 'Theirs' }] });
			await parents.runUntil(async () => (await parents.internal(internalId))?.['name'] === 'Theirs');
			expect((await parents.journal()).flatMap(({ changes }) => changes)).toContainEqual(
				expect.objectContaining({ field: 'name', lost: 'Ours' })
			);
			await parents.client.call('mutation ($id: ID!) { deleteProduct(id: $id) { result } }', { id: dome!.id });
			await parents.run('full');
			expect(await linkOf(dome!.id)).toMatchObject({ status: 'orphan', problem: { kind: 'missing-external' } });
			expect(await linkOf(other!.id)).toMatchObject({ status: 'in-sync' });
			expect(await parents.internal(internalId)).toMatchObject({ name: 'Theirs' });
		});
	}
);

async function textsOf(client: VendureClient, id: string) {
	const { product } = await client.call<{ product: { name: string; description: string } }>(
		'query ($id: ID!) { product(id: $id) { name description } }',
		{ id }
	);
	return product;
}
