import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultEntities } from '#src/engine/connectors/memory/options.ts';
import { listAwaiting } from '#src/mappings/list-awaiting.ts';
import { createPeopleStore } from '#src/store/people.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld, storyOf, type ChannelSetUp } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
let number = 0;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

const operator = { actor: { name: 'ann@example.org' }, via: 'web' as const };
const ask = { conflict: 'ask', firstContact: 'ask' } as const;

/** A channel with products, price lists and prices, and the stories of all three. */
async function shop(set: ChannelSetUp = {}) {
	number += 1;
	const products = await world.addChannel(
		`price-shop-${number}`,
		{ entities: ['product', 'price-list', 'product-price'], policy: ask, ...set },
		{
			entities: {
				product: defaultEntities['product'] ?? [],
				'price-list': [
					{ name: 'value', type: 'text' },
					{ name: 'name', type: 'text' },
					{ name: 'currency', type: 'text' },
					{ name: 'is_active', type: 'boolean' }
				],
				'product-price': [
					{ name: 'product', type: 'text' },
					{ name: 'price_list', type: 'text' },
					{ name: 'price', type: 'decimal', rewrite: { round: 2 } },
					{ name: 'is_active', type: 'boolean' }
				]
			}
		}
	);
	const { channelId, memory } = products;
	const lists = storyOf(database.db, world.engine, channelId, memory, 'price-list');
	const prices = storyOf(database.db, world.engine, channelId, memory, 'product-price');
	const code = (name: string) => `${name}-${number}`;
	return {
		name: `price-shop-${number}`,
		products,
		lists,
		prices,
		memory,
		code,
		async both(story: typeof products | typeof lists, entity: string, name: string) {
			const fields = { value: code(name), name, is_active: true };
			return { ours: await story.addInternal(fields), theirs: memory.add(entity, fields) };
		},
		product(name: string) {
			return this.both(products, 'product', name);
		},
		list(name: string) {
			return this.both(lists, 'price-list', name);
		},
		/** A product and a list on both sides, linked. */
		async shelf(name = 'TENT') {
			const [product, list] = [await this.product(name), await this.list(`${name}-LIST`)];
			await products.link(product.ours, product.theirs);
			await lists.link(list.ours, list.theirs);
			return { product, list };
		},
		/** Its price on both sides, linked and compared. */
		async price(amount = '10') {
			const { product, list } = await this.shelf();
			const internalId = await prices.addInternal({ product: product.ours, price_list: list.ours, price: amount });
			const externalId = memory.add('product-price', {
				product: product.theirs,
				price_list: list.theirs,
				price: amount
			});
			const linkId = await prices.link(internalId, externalId);
			await prices.run();
			return { product, list, internalId, externalId, linkId };
		}
	};
}

describe('a price of a product in a list', () => {
	it('is called by the codes of both, also after one is renamed, without being changed by that', async () => {
		const at = await shop();
		const { product, list, internalId } = await at.price();
		expect(await at.prices.internal(internalId)).toMatchObject({
			value: `${at.code('TENT')} @ ${at.code('TENT-LIST')}`,
			name: 'TENT'
		});
		await at.products.editInternal(product.ours, { value: at.code('HUT'), name: 'Hut' });
		await at.lists.editInternal(list.ours, { value: at.code('SALE') });
		expect(await at.prices.internal(internalId)).toMatchObject({
			value: `${at.code('HUT')} @ ${at.code('SALE')}`,
			name: 'Hut'
		});
		const before = await at.prices.links();
		await at.prices.run();
		expect(await at.prices.links()).toEqual(before);
	});

	it('goes both ways, and is left alone then', async () => {
		const at = await shop();
		const { internalId, externalId, linkId } = await at.price();
		await at.prices.editInternal(internalId, { price: '11.5' });
		await at.prices.run();
		expect(at.memory.record('product-price', externalId)?.fields['price']).toBe('11.50');
		at.memory.edit('product-price', externalId, { price: '12' });
		await at.prices.run();
		expect((await at.prices.internal(internalId))?.['price']).toBe('12.000000');
		const writes = at.memory.writes().length;
		await at.prices.run('full');
		expect(at.memory.writes()).toHaveLength(writes);
		expect(await at.prices.linkState(linkId)).toMatchObject({ status: 'in-sync', problem: null });
	});

	it('is asked about where both sides changed it', async () => {
		const at = await shop();
		const { internalId, externalId, linkId } = await at.price();
		await at.prices.editInternal(internalId, { price: '11' });
		at.memory.edit('product-price', externalId, { price: '12' });
		await at.prices.run();
		expect(await at.prices.linkState(linkId)).toMatchObject({ status: 'conflict' });
		expect(await at.prices.conflicts()).toMatchObject([{ field: 'price', state: 'open', external: '12.00' }]);
	});

	it('is suggested for the one of the linked product in the linked list, and for no other, once both are linked', async () => {
		const at = await shop();
		const [tent, hut, list] = [await at.product('TENT'), await at.product('HUT'), await at.list('LIST')];
		const internalId = await at.prices.addInternal({ product: tent.ours, price_list: list.ours, price: '5' });
		at.memory.add('product-price', { product: hut.theirs, price_list: list.theirs, price: '5' });
		const externalId = at.memory.add('product-price', { product: tent.theirs, price_list: list.theirs, price: '7' });
		await at.prices.run('full');
		expect(await at.prices.suggestions()).toEqual([]);
		const waiting = await listAwaiting(database.db, { channelId: at.prices.channelId });
		expect(waiting.rows, 'nobody asked for it to be created').toEqual([]);

		await at.products.link(tent.ours, tent.theirs);
		await at.prices.run();
		expect(await at.prices.suggestions()).toEqual([]);
		await at.lists.link(list.ours, list.theirs);
		await at.prices.run();
		expect(await at.prices.suggestions()).toEqual([{ internalId, externalId, score: 100, ambiguous: false }]);
	});

	it('is never suggested again for one that a person said no to; two of the same are ambiguous', async () => {
		const at = await shop();
		const { product, list } = await at.shelf();
		await at.prices.addInternal({ product: product.ours, price_list: list.ours, price: '5' });
		const theirs = { product: product.theirs, price_list: list.theirs, price: '7' };
		const first = at.memory.add('product-price', theirs);
		const second = at.memory.add('product-price', theirs);
		await at.prices.run('full');
		expect(await at.prices.suggestions()).toMatchObject([
			{ externalId: first, ambiguous: true },
			{ externalId: second, ambiguous: true }
		]);
	});

	it('is created there with the ids of the channel, once, after its product and its list are linked', async () => {
		const at = await shop({ autoCreateExternal: true });
		const [tent, list] = [await at.product('TENT'), await at.list('LIST')];
		await at.prices.addInternal({ product: tent.ours, price_list: list.ours, price: '5' });
		await at.prices.run();
		expect(at.memory.records('product-price')).toEqual([]);
		const waiting = await listAwaiting(database.db, { channelId: at.prices.channelId });
		expect(waiting.rows).toMatchObject([
			{ entity: 'product', waiting: 1, message: `Waits for product ${at.code('TENT')} to be linked in ${at.name}.` }
		]);

		await at.products.link(tent.ours, tent.theirs);
		await at.prices.run();
		expect(at.memory.records('product-price')).toEqual([]);
		await at.lists.link(list.ours, list.theirs);
		await at.prices.run();
		expect(at.memory.records('product-price')).toMatchObject([
			{ fields: { product: tent.theirs, price_list: list.theirs, price: '5.00' } }
		]);
		const writes = at.memory.writes().length;
		await at.prices.run('full');
		expect(at.memory.writes()).toHaveLength(writes);
		expect(await at.prices.links()).toMatchObject([{ status: 'in-sync' }]);
	});

	it('is not created there where the channel has it already', async () => {
		const at = await shop({ autoCreateExternal: true });
		const { product, list } = await at.shelf();
		at.memory.add('product-price', { product: product.theirs, price_list: list.theirs, price: '7' });
		await at.prices.run('full');
		await at.prices.addInternal({ product: product.ours, price_list: list.ours, price: '5' });
		await at.prices.run();
		expect(at.memory.records('product-price')).toHaveLength(1);
		expect(await at.prices.suggestions()).toHaveLength(1);
	});

	it('is created here in the same way, and not beside one that we have', async () => {
		const at = await shop({ autoCreateInternal: true });
		const [tent, list] = [await at.product('TENT'), await at.list('LIST')];
		at.memory.add('product-price', { product: tent.theirs, price_list: list.theirs, price: '7.5' });
		await at.prices.run('full');
		expect(await at.prices.links()).toEqual([]);
		await at.products.link(tent.ours, tent.theirs);
		await at.lists.link(list.ours, list.theirs);
		await at.prices.run();
		const [link] = await at.prices.links();
		expect(link).toMatchObject({ status: 'in-sync' });
		expect(await at.prices.internal(link?.internalId ?? '')).toMatchObject({
			product: tent.ours,
			price_list: list.ours,
			price: '7.500000',
			value: `${at.code('TENT')} @ ${at.code('LIST')}`
		});
	});

	it('never becomes that of another product: it waits while its product is linked to another one', async () => {
		const at = await shop();
		const people = createPeopleStore(database.db);
		const { product, internalId, externalId, linkId } = await at.price();
		const other = at.memory.add('product', { value: at.code('OTHER'), name: 'Other', is_active: true });
		await at.products.run();
		const [link] = await at.products.links();
		const to = { externalId: other, variantId: '', override: false };
		const moved = await people.repointLink({ entity: 'product', linkId: link?.id ?? '', ...to, ...operator });
		expect(moved.ok).toBe(true);
		await at.prices.editInternal(internalId, { price: '99' });
		await at.prices.run();
		expect(at.memory.record('product-price', externalId)?.fields).toMatchObject({
			product: product.theirs,
			price: '10.00'
		});
		expect(await at.prices.linkState(linkId)).toMatchObject({ status: 'conflict' });
		expect(await at.prices.conflicts()).toMatchObject([{ field: 'product', state: 'open' }]);
	});
});
