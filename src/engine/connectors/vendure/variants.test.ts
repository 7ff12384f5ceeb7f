import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type VendureClient } from '../../../../tests/vendure/client.ts';
import { addParents } from '../../../../tests/vendure/parent-rig.ts';
import { addProducts, rigBase } from '../../../../tests/vendure/rig.ts';
import type { Resource, Session } from '../connector.ts';
import { createTransport } from '../http.ts';
import { type FakeVendure, startFakeVendure } from './fake.ts';

describe.each([true, false])('variants of a Vendure, with the plugin: %s', (plugin) => {
	let fake: FakeVendure;
	let client: VendureClient;
	let session: Session;
	let products: Resource;
	let parents: Resource;
	let number = 0;

	beforeAll(async () => {
		fake = await startFakeVendure({ plugin });
		client = await connect(fake);
		const { connector, settings, credentials } = rigBase({ ...fake, client });
		const clocks = { monotonicNow: () => performance.now(), wallNow: () => Date.now() };
		session = connector.open({ settings, credentials, transport: createTransport({ fetch: fake.fetch, ...clocks }) });
		products = session.resource('product')!;
		parents = session.resource('product-parent')!;
	});
	afterAll(async () => {
		await session.close();
		await fake.stop();
	});

	/** A product with two variants. */
	async function family() {
		number += 1;
		const [made] = await addParents(client, [{ name: `Tent ${number}`, description: 'Light' }]);
		const { id, variants } = made!;
		return { id, keys: variants.map((variantId) => ({ id, variantId })) };
	}

	it('show the description of their product, which carries it', async () => {
		const { id, keys } = await family();
		for (const record of await products.read(keys))
			expect(record).toMatchObject({ shownOnly: ['description'], fields: { description: 'Light', parent: id } });
		expect(await parents.read([{ id, variantId: '' }])).toMatchObject([
			{ id, fields: { name: `Tent ${number}`, description: 'Light', is_active: true } }
		]);
		const [alone] = await addProducts(client, [{ value: 'ALONE', name: 'Stove', description: 'Hot' }]);
		expect(await products.read([alone!])).toMatchObject([{ shownOnly: ['parent'], fields: { description: 'Hot' } }]);
		expect(await parents.read([{ id: alone!.id, variantId: '' }])).toEqual([]);
		const { records } = await parents.list(null);
		expect(records.map((record) => record.id)).not.toContain(alone!.id);
	});

	it('are renamed with it, and keep their own names', async () => {
		const { id, keys } = await family();
		const [parent] = await parents.read([{ id, variantId: '' }]);
		const fields = { name: 'Dome', description: 'Lighter' };
		await parents.update!({ id, variantId: '', version: parent!.version, fields });
		expect(await parents.read([{ id, variantId: '' }])).toMatchObject([{ fields }]);
		const variants = await products.read(keys);
		expect(variants.map((record) => record.fields['name'])).toEqual([`Tent ${number} 0`, `Tent ${number} 1`]);
		expect(variants.map((record) => record.fields['description'])).toEqual(['Lighter', 'Lighter']);
	});

	it('refuse a description that was decided on before they had siblings', async () => {
		const { keys } = await family();
		const [variant] = await products.read(keys);
		const update = products.update!({ ...keys[0]!, version: variant!.version, fields: { description: 'Mine' } });
		await expect(update).rejects.toMatchObject({ kind: 'conflict' });
	});

	it('leave it to the last of them', async () => {
		const { id, keys } = await family();
		await client.call('mutation ($id: ID!) { deleteProductVariant(id: $id) { result } }', { id: keys[0]!.variantId });
		expect(await products.read(keys)).toMatchObject([{ ...keys[1], shownOnly: ['parent'], fields: { parent: null } }]);
		expect(await parents.read([{ id, variantId: '' }])).toEqual([]);
	});
});
