import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { addErp } from './fake-erp.ts';
import { createWorld, type ChannelSetUp } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
const erps: Awaited<ReturnType<typeof addErp>>[] = [];

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
	// So that an id of ours is never by chance one of theirs.
	for (let n = 0; n < 7; n++)
		await database.db.execute(sql`insert into m_product_parent (value, name) values (${`OTHER-${n}`}, 'Other')`);
});
afterEach(async () => {
	for (const { fake } of erps.splice(0)) await fake.stop();
});
afterAll(() => database.close());

async function erp(set: ChannelSetUp = {}) {
	const at = await addErp(world, set);
	erps.push(at);
	return at;
}

describe('variants that share a parent', () => {
	it('are taken over with it: first the parent, then those that point to it', async () => {
		const at = await erp({ autoCreateInternal: true });
		const tent = await at.template('Tent', 'RED', 'BLUE');
		await at.products.run();
		expect(await at.products.links()).toEqual([]);
		await at.runBoth();
		const [parent] = await at.parents.links();
		expect(parent).toMatchObject({ externalId: String(tent.id), variantId: '', status: 'in-sync' });
		expect(await at.parents.internal(parent?.internalId ?? '')).toMatchObject({ name: 'Tent', price: '10.000000' });
		const links = await at.products.links();
		expect(links).toMatchObject([{ status: 'in-sync' }, { status: 'in-sync' }]);
		for (const { internalId } of links)
			expect(await at.products.internal(internalId)).toMatchObject({ name: 'Tent', parent: parent?.internalId });
		expect(await at.writesDuring(() => at.runBoth('full'))).toBe(0);
	});

	it('are renamed by one write there, and by one here', async () => {
		const at = await erp();
		const tent = await at.template('Tent', 'RED', 'BLUE');
		const parent = await at.parentOf(tent.id);
		const [red, blue] = [
			await at.linked('RED', tent.id, tent.variants[0]!),
			await at.linked('BLUE', tent.id, tent.variants[1]!, { name: 'Tent, blue' })
		];
		for (const { id, linkId } of [red, blue]) {
			expect(await at.products.linkState(linkId)).toMatchObject({ status: 'in-sync' });
			expect((await at.products.internal(id))?.['parent']).toBe(parent.id);
		}
		await at.parents.editInternal(parent.id, { name: 'Dome' });
		expect(await at.writesDuring(() => at.runBoth())).toBe(1);
		expect(await at.nameOf(tent.id)).toBe('Dome');
		await at.client.write('product.template', tent.id, { name: 'Tunnel' });
		expect(await at.writesDuring(() => at.runBoth())).toBe(0);
		expect((await at.parents.internal(parent.id))?.['name']).toBe('Tunnel');
		expect((await at.products.internal(blue.id))?.['name']).toBe('Tent, blue');
		await at.products.editInternal(blue.id, { name: 'Tent, sky', description: 'As the sky' });
		expect(await at.writesDuring(() => at.runBoth())).toBe(1);
		expect(await at.nameOf(tent.id)).toBe('Tunnel');
		const variant = await at.client.one('product.product', [['id', '=', tent.variants[1]]], ['description']);
		expect(variant['description']).toBe('As the sky');
		expect(await at.products.linkState(blue.linkId)).toMatchObject({ status: 'in-sync' });
		const why = await at.engine.explain('product', blue.linkId);
		expect(why?.decision?.reasons).toContainEqual(
			expect.objectContaining({ field: 'name', verdict: 'keep', rule: 'carried-elsewhere' })
		);
		expect(await at.writesDuring(() => at.runBoth('full'))).toBe(0);
		expect(await at.products.conflicts()).toEqual([]);
	});

	it('wait with their parent, and with nothing else, until it is linked', async () => {
		const at = await erp();
		const tent = await at.template('Tent', 'RED', 'BLUE');
		const { id, linkId } = await at.linked('RED', tent.id, tent.variants[0]!);
		expect(await at.products.linkState(linkId)).toMatchObject({
			status: 'awaiting',
			problem: { field: 'parent', message: expect.stringContaining('parent product') as string }
		});
		await at.products.editInternal(id, { description: 'Light' });
		await at.products.run();
		const variant = await at.client.one('product.product', [['id', '=', tent.variants[0]]], ['description']);
		expect(variant['description']).toBe('Light');
		const parent = await at.parentOf(tent.id);
		await at.products.run();
		expect((await at.products.internal(id))?.['parent']).toBe(parent.id);
		expect(await at.products.linkState(linkId)).toMatchObject({ status: 'in-sync', problem: null });
	});
});

describe('a product that is alone under its template', () => {
	it('carries all its fields itself, whatever parent ours has', async () => {
		const at = await erp();
		const tent = await at.template('Tent', 'RED');
		const group = await at.parents.addInternal({ value: at.code('GROUP'), name: 'Tents' });
		const { id, linkId } = await at.linked('RED', tent.id, tent.variants[0]!, { parent: group });
		await at.parents.run();
		expect(await at.parents.suggestions()).toEqual([]);
		await at.products.editInternal(id, { name: 'Dome' });
		await at.products.run();
		expect(await at.nameOf(tent.id)).toBe('Dome');
		await at.client.write('product.template', tent.id, { name: 'Tunnel' });
		await at.products.run();
		expect(await at.products.internal(id)).toMatchObject({ name: 'Tunnel', parent: group });
		expect(await at.products.linkState(linkId)).toMatchObject({ status: 'in-sync' });
	});

	it('leaves what is shared to the parent when a second variant comes, and no edit of ours is overwritten', async () => {
		const at = await erp();
		const tent = await at.template('Tent', 'RED');
		const { id, linkId } = await at.linked('RED', tent.id, tent.variants[0]!);
		await at.addVariant(tent.id, 'BLUE');
		await at.products.editInternal(id, { name: 'Tent, red' });
		expect(await at.writesDuring(() => at.products.run())).toBe(0);
		expect(await at.nameOf(tent.id)).toBe('Tent');
		expect(await at.products.internal(id)).toMatchObject({ name: 'Tent, red', parent: null });
		expect(await at.products.linkState(linkId)).toMatchObject({ status: 'awaiting' });
		const parent = await at.parentOf(tent.id);
		await at.parents.editInternal(parent.id, { name: 'Dome' });
		expect(await at.writesDuring(() => at.runBoth())).toBe(1);
		expect(await at.nameOf(tent.id)).toBe('Dome');
		expect(await at.products.internal(id)).toMatchObject({ name: 'Tent, red', parent: parent.id });
	});

	it('refuses a write that was decided on before its sibling came, and is looked at again', async () => {
		const at = await erp();
		const tent = await at.template('Tent', 'RED');
		const { id, linkId } = await at.linked('RED', tent.id, tent.variants[0]!);
		await at.products.editInternal(id, { name: 'Tent, red' });
		const { fake: read } = at;
		// Between the reading that is decided from and the one before the write.
		read.meddle('model.product.product.search_read', async () => {
			read.meddle('model.product.product.search_read', async () => {
				read.meddle('model.product.product.search_read', async () => {
					await at.addVariant(tent.id, 'BLUE');
				});
			});
		});
		await at.products.run();
		await at.products.passTime();
		await at.products.run();
		expect(await at.nameOf(tent.id)).toBe('Tent');
		expect(await at.products.linkState(linkId)).toMatchObject({ status: 'awaiting', baseExternal: { name: 'Tent' } });
	});

	it('carries them again once the others are gone: compared with the last time it did', async () => {
		const at = await erp();
		const tent = await at.template('Tent', 'RED');
		const { id, linkId } = await at.linked('RED', tent.id, tent.variants[0]!);
		const blue = await at.addVariant(tent.id, 'BLUE');
		const parent = await at.parentOf(tent.id);
		await at.parents.editInternal(parent.id, { name: 'Dome' });
		await at.runBoth();
		expect((await at.products.internal(id))?.['name']).toBe('Tent');
		await at.client.remove('product.product', blue);
		await at.runBoth('full');
		await at.runBoth('full');
		expect(await at.parents.linkState(parent.linkId)).toMatchObject({ status: 'orphan' });
		expect(await at.products.internal(id)).toMatchObject({ name: 'Dome', parent: parent.id });
		expect(await at.products.linkState(linkId)).toMatchObject({ status: 'in-sync' });
		await at.products.editInternal(id, { name: 'Tunnel' });
		await at.products.run();
		expect(await at.nameOf(tent.id)).toBe('Tunnel');
		await at.addVariant(tent.id, 'GREEN');
		await at.runBoth('full');
		expect(await at.parents.linkState(parent.linkId)).not.toMatchObject({ status: 'orphan' });
	});
});

describe('a new variant of ours', () => {
	it('is made under the template of its parent, and alone where that is not linked', async () => {
		const at = await erp({ autoCreateExternal: true });
		const tent = await at.template('Tent', 'RED', 'BLUE');
		const parent = await at.parentOf(tent.id);
		const loose = await at.parents.addInternal({ value: at.code('LOOSE'), name: 'Loose' });
		const fields = { name: 'Dome, green', price: '12' };
		const green = await at.products.addInternal({ ...fields, value: at.code('GREEN'), parent: parent.id });
		const grey = await at.products.addInternal({ ...fields, value: at.code('GREY'), parent: loose });
		await at.products.run();
		const links = await at.products.links();
		const made = (id: string) => links.find(({ internalId }) => internalId === id);
		expect(made(green)).toMatchObject({ externalId: String(tent.id), status: 'in-sync' });
		expect(made(grey)).toMatchObject({ status: 'in-sync' });
		expect(made(grey)?.externalId).not.toBe(String(tent.id));
		expect(await at.nameOf(Number(made(grey)?.externalId))).toBe('Dome, green');
		expect(await at.nameOf(tent.id)).toBe('Tent');
		expect((await at.products.internal(green))?.['name']).toBe('Dome, green');
		expect(await at.writesDuring(() => at.runBoth('full'))).toBe(0);
	});
});
