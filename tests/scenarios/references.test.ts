import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultEntities } from '#src/engine/connectors/memory/options.ts';
import { product } from '#src/entities/product/index.ts';
import { createPeopleStore } from '#src/store/people.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld, storyOf, type ChannelSetUp } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
let number = 0;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
	// So that an id of ours is never by chance the channel's own.
	for (let n = 0; n < 7; n++)
		await database.db.execute(sql`insert into m_product_category (value, name) values (${`OTHER-${n}`}, 'Other')`);
});
afterAll(() => database.close());

/** A channel whose products have a category, and its categories a parent, with the stories of both. */
async function shop(set: ChannelSetUp = {}) {
	number += 1;
	const products = await world.addChannel(
		`shop-${number}`,
		{ entities: ['product', 'product-category'], policy: { firstContact: 'ask' }, ...set },
		{
			entities: {
				product: [...(defaultEntities['product'] ?? []), { name: 'category', type: 'reference' }],
				'product-category': [
					{ name: 'value', type: 'text' },
					{ name: 'name', type: 'text' },
					{ name: 'parent', type: 'reference' },
					{ name: 'is_active', type: 'boolean' }
				]
			}
		}
	);
	const { channelId, memory } = products;
	const categories = storyOf(database.db, world.engine, channelId, memory, 'product-category');
	const code = (name: string) => `${name}-${number}`;
	return {
		name: `shop-${number}`,
		products,
		categories,
		memory,
		code,
		ourCategory: (name: string) => categories.addInternal({ value: code(name), name }),
		theirCategory: (name: string) => memory.add('product-category', { value: code(name), name, is_active: true }),
		/** A category on both sides, linked and compared. */
		async category(name: string) {
			const ours = await categories.addInternal({ value: code(name), name });
			const theirs = memory.add('product-category', { value: code(name), name, parent: null, is_active: true });
			const linkId = await categories.link(ours, theirs);
			await categories.run();
			return { ours, theirs, linkId };
		},
		/** A product on both sides with these categories, linked and compared. */
		async product(name: string, ours: string | null, theirs: string | null) {
			const plain = { value: code(name), name, price: '1', is_active: true };
			const internalId = await products.addInternal({ ...plain, category: ours });
			const externalId = memory.add('product', { ...plain, category: theirs });
			const linkId = await products.link(internalId, externalId);
			await products.run();
			return { internalId, externalId, linkId };
		}
	};
}

const awaitingRows = () => database.db.execute(sql`select owner, owner_id from sync_awaiting`);

describe('a field that points to a record of another entity', () => {
	it('agrees where both sides point to the two records of one link, and bases keep the id of each side', async () => {
		const at = await shop();
		const tents = await at.category('TENTS');
		const { linkId } = await at.product('P', tents.ours, tents.theirs);
		const link = await at.products.linkState(linkId);
		expect(link).toMatchObject({ status: 'in-sync', problem: null });
		expect(link?.baseInternal?.['category']).toBe(tents.ours);
		expect(link?.baseExternal?.['category']).toBe(tents.theirs);
		expect(at.memory.writes()).toEqual([]);
	});

	it('is sent and taken over as the id that the other side knows the record by', async () => {
		const at = await shop();
		const [tents, bags] = [await at.category('TENTS'), await at.category('BAGS')];
		const { internalId, externalId, linkId } = await at.product('P', tents.ours, tents.theirs);
		await at.products.editInternal(internalId, { category: bags.ours });
		await at.products.run();
		expect(at.memory.record('product', externalId)?.fields['category']).toBe(bags.theirs);
		at.memory.edit('product', externalId, { category: tents.theirs });
		await at.products.run();
		expect((await at.products.internal(internalId))?.['category']).toBe(tents.ours);
		at.memory.edit('product', externalId, { category: null });
		await at.products.run();
		expect((await at.products.internal(internalId))?.['category']).toBeNull();
		await at.products.editInternal(internalId, { category: tents.ours });
		await at.products.run();
		await at.products.editInternal(internalId, { category: null });
		await at.products.run();
		expect(at.memory.record('product', externalId)?.fields['category']).toBeNull();
		const writes = at.memory.writes().length;
		await at.products.run('full');
		expect(at.memory.writes()).toHaveLength(writes);
		expect(await at.products.linkState(linkId)).toMatchObject({ status: 'in-sync' });
	});

	it('waits with an edit of ours until the record is linked; the other fields go on', async () => {
		const at = await shop();
		const tents = await at.category('TENTS');
		const { internalId, externalId, linkId } = await at.product('P', tents.ours, tents.theirs);
		const bags = await at.ourCategory('BAGS');
		await at.products.editInternal(internalId, { category: bags, name: 'Renamed' });
		await at.products.run();
		expect(at.memory.record('product', externalId)?.fields).toMatchObject({ category: tents.theirs, name: 'Renamed' });
		expect(await at.products.linkState(linkId)).toMatchObject({
			status: 'awaiting',
			problem: {
				kind: 'awaiting',
				field: 'category',
				message: `Waits for product category ${at.code('BAGS')} to be linked in ${at.name}.`
			}
		});
		const before = await at.products.links();
		await at.products.run();
		expect(await at.products.links()).toEqual(before);

		const theirs = at.theirCategory('BAGS');
		await at.categories.link(bags, theirs);
		await at.products.run();
		expect(at.memory.record('product', externalId)?.fields['category']).toBe(theirs);
		expect(await at.products.linkState(linkId)).toMatchObject({ status: 'in-sync', problem: null });
	});

	it("waits with the channel's edit until the record is linked", async () => {
		const at = await shop();
		const tents = await at.category('TENTS');
		const { internalId, externalId, linkId } = await at.product('P', tents.ours, tents.theirs);
		const bags = at.theirCategory('BAGS');
		await at.categories.run();
		at.memory.edit('product', externalId, { category: bags });
		await at.products.run();
		expect((await at.products.internal(internalId))?.['category']).toBe(tents.ours);
		expect(await at.products.linkState(linkId)).toMatchObject({
			status: 'awaiting',
			problem: { message: `Waits for product category ${at.code('BAGS')} to be linked in ${at.name}.` }
		});
		const ours = await at.ourCategory('BAGS');
		await at.categories.link(ours, bags);
		await at.products.run();
		expect((await at.products.internal(internalId))?.['category']).toBe(ours);
		expect(await at.products.linkState(linkId)).toMatchObject({ status: 'in-sync' });
	});

	it('is no longer waited for once our record points to nothing', async () => {
		const at = await shop();
		const { internalId, linkId } = await at.product('P', null, null);
		await at.products.editInternal(internalId, { category: await at.ourCategory('BAGS') });
		await at.products.run();
		expect(await at.products.linkState(linkId)).toMatchObject({ status: 'awaiting' });
		await at.products.editInternal(internalId, { category: null });
		await at.products.run();
		expect(await at.products.linkState(linkId)).toMatchObject({ status: 'in-sync', problem: null });
		expect(await awaitingRows()).not.toContainEqual({ owner: 'link', owner_id: linkId });
	});

	it('is asked about where the record that both point to was linked to another one', async () => {
		const at = await shop();
		const tents = await at.category('TENTS');
		const { externalId, linkId } = await at.product('P', tents.ours, tents.theirs);
		const other = at.theirCategory('OTHER');
		await at.categories.run();
		const people = createPeopleStore(database.db);
		const to = { externalId: other, variantId: '', override: false };
		const actor = { actor: { name: 'ann@example.org' }, via: 'web' as const };
		const moved = await people.repointLink({ entity: 'product-category', linkId: tents.linkId, ...to, ...actor });
		expect(moved).toMatchObject({ ok: true });
		await at.products.run();
		expect(at.memory.record('product', externalId)?.fields['category']).toBe(tents.theirs);
		expect(await at.products.conflicts()).toMatchObject([
			{ field: 'category', state: 'open', internal: tents.ours, external: tents.theirs }
		]);
		const link = await at.products.linkState(linkId);
		const rev = (await world.store.readLink({ entity: product, linkId }))?.internal?.rev;
		const choice = { entity: 'product', linkId, choices: { category: 'internal' as const } };
		const screen = { internalRev: rev ?? '', externalVersion: link?.externalVersion ?? '' };
		expect(await people.resolveConflicts({ ...choice, ...screen, ...actor })).toMatchObject({ ok: true });
		await at.products.run();
		expect(at.memory.record('product', externalId)?.fields['category']).toBe(other);
		expect(await at.products.linkState(linkId)).toMatchObject({ status: 'in-sync' });
	});
});

describe('a new record that points to one without a link', () => {
	it('is created at the channel once that is linked', async () => {
		const at = await shop({ autoCreateExternal: true });
		const bags = await at.ourCategory('BAGS');
		const id = await at.products.addInternal({ value: at.code('NEW'), name: 'New', category: bags });
		await at.products.run();
		const there = (entity: string, name: string) =>
			at.memory.records(entity).filter(({ fields }) => fields['value'] === at.code(name));
		expect(there('product', 'NEW')).toEqual([]);
		expect(await awaitingRows()).toContainEqual({ owner: 'internal', owner_id: id });
		await at.categories.run();
		await at.products.run();
		expect(there('product', 'NEW')).toMatchObject([{ fields: { category: there('product-category', 'BAGS')[0]?.id } }]);
		expect(await awaitingRows()).not.toContainEqual({ owner: 'internal', owner_id: id });
		const links = await at.products.links();
		expect(links.filter(({ internalId }) => internalId === id)).toMatchObject([{ status: 'in-sync' }]);
	});

	it('waits for nothing any more once it is deleted', async () => {
		const at = await shop({ autoCreateExternal: true });
		const bags = await at.ourCategory('BAGS');
		const id = await at.products.addInternal({ value: at.code('NEVER'), name: 'Never', category: bags });
		await at.products.run();
		expect(await awaitingRows()).toContainEqual({ owner: 'internal', owner_id: id });
		await database.db.execute(sql`delete from m_product where id = ${id}::bigint`);
		await at.products.run();
		expect(await awaitingRows()).not.toContainEqual({ owner: 'internal', owner_id: id });
	});

	it('is taken over from the channel once that is linked, and a parent before its child', async () => {
		const at = await shop({ autoCreateInternal: true });
		const above = at.theirCategory('ABOVE');
		const below = at.memory.add('product-category', {
			value: at.code('A-BELOW'),
			name: 'Below',
			parent: above,
			is_active: true
		});
		at.memory.add('product', { value: at.code('NEW'), name: 'New', category: below, is_active: true });
		await at.products.run();
		expect(await at.products.links()).toEqual([]);
		await at.categories.run();
		const links = await at.categories.links();
		expect(links).toHaveLength(2);
		const ourAbove = links.find(({ externalId }) => externalId === above)?.internalId;
		const ourBelow = links.find(({ externalId }) => externalId === below)?.internalId ?? '';
		expect((await at.categories.internal(ourBelow))?.['parent']).toBe(ourAbove);
		await at.products.run();
		const [link] = await at.products.links();
		expect((await at.products.internal(link?.internalId ?? ''))?.['category']).toBe(ourBelow);
		expect(link).toMatchObject({ status: 'in-sync' });
		expect(await awaitingRows()).not.toContainEqual(expect.objectContaining({ owner: 'external' }));
	});
});
