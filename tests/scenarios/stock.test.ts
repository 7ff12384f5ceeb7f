import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultEntities, type MemoryField, type MemoryOptions } from '#src/engine/connectors/memory/options.ts';
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

const available: MemoryField = { name: 'available', type: 'decimal' };

/** A shop with one product in one warehouse, both linked, and the story of its stock. */
async function shop(set: ChannelSetUp = {}, quantity: MemoryField = available, more: Partial<MemoryOptions> = {}) {
	number += 1;
	const places = [
		{ name: 'value', type: 'text' },
		{ name: 'name', type: 'text' },
		{ name: 'is_active', type: 'boolean' }
	] as const;
	const products = await world.addChannel(
		`stock-shop-${number}`,
		{ entities: ['product', 'warehouse', 'stock-level'], ...set },
		{
			...more,
			entities: {
				product: defaultEntities['product'] ?? [],
				warehouse: places,
				'stock-level': [
					{ name: 'product', type: 'text' },
					{ name: 'warehouse', type: 'text' },
					quantity,
					{ name: 'unit', type: 'text' }
				]
			}
		}
	);
	const { channelId, memory } = products;
	const warehouses = storyOf(database.db, world.engine, channelId, memory, 'warehouse');
	const stock = storyOf(database.db, world.engine, channelId, memory, 'stock-level');
	const value = `S-${number}`;
	const named = { value, name: value, is_active: true };
	const product = { ours: await products.addInternal(named), theirs: memory.add('product', named) };
	await products.link(product.ours, product.theirs);
	const addPlace = async (code: string) => {
		const fields = { ...named, value: code };
		const place = { ours: await warehouses.addInternal(fields), theirs: memory.add('warehouse', fields) };
		await warehouses.link(place.ours, place.theirs);
		return place;
	};
	const place = await addPlace(value);
	const ours = { product: product.ours, warehouse: place.ours, unit: 'piece' };
	const theirs = { product: product.theirs, warehouse: place.theirs, unit: 'piece' };
	return {
		stock,
		memory,
		theirs,
		addOurs: (parts: Record<string, string>) => stock.addInternal({ ...ours, ...parts }),
		/** A level on both sides, linked, in the first warehouse or in this one; the shop has this many. */
		async level(parts: Record<string, string>, there: string, code?: string) {
			const { ours: here, theirs: beyond } = code === undefined ? place : await addPlace(code);
			const internalId = await stock.addInternal({ ...ours, warehouse: here, ...parts });
			const externalId = memory.add('stock-level', { ...theirs, warehouse: beyond, available: there });
			const linkId = await stock.link(internalId, externalId);
			await stock.run();
			const quantityThere = () => memory.record('stock-level', externalId)?.fields['available'];
			return { internalId, externalId, linkId, quantityThere };
		}
	};
}

describe('a stock level', () => {
	it('tells the shop what is on hand less what is reserved and held back, from the first run on', async () => {
		const at = await shop();
		const { internalId, quantityThere } = await at.level({ on_hand: '10', reserved: '2', buffer: '0.5' }, '3');
		expect(quantityThere()).toBe('7.5');
		await at.stock.editInternal(internalId, { reserved: '4' });
		await at.stock.run();
		expect(quantityThere()).toBe('5.5');
		const writes = at.memory.writes().length;
		await at.stock.run('full');
		expect(at.memory.writes()).toHaveLength(writes);
		expect(await at.stock.links()).toMatchObject([{ status: 'in-sync' }]);
	});

	it('is overwritten at once where the shop changed it: no conflict, nothing taken over, and the value is kept', async () => {
		const at = await shop();
		const { internalId, externalId, quantityThere } = await at.level({ on_hand: '10' }, '10');
		at.memory.edit('stock-level', externalId, { available: '4', unit: 'box' });
		await at.stock.run();
		expect(quantityThere()).toBe('10');
		expect(await at.stock.internal(internalId)).toMatchObject({ on_hand: '10.000000', unit: 'piece' });
		expect(await at.stock.conflicts()).toEqual([]);
		const changes = (await at.stock.journal()).at(-1)?.changes;
		expect(changes).toMatchObject([
			{ field: 'available', side: 'external', before: '4', after: '10', rule: 'latest' },
			{ field: 'unit', side: 'external', before: 'box', after: 'piece', rule: 'latest' }
		]);
	});

	it('goes out with others in one call, unguarded as it is: whatever is there is replaced', async () => {
		const updates: (readonly string[])[] = [];
		let sell = () => {};
		const memory: Partial<MemoryOptions> = {
			precondition: 'none',
			updatesAtOnce: 10,
			async pause(moment, { method, ids }) {
				if (moment !== 'before' || method !== 'update') return;
				updates.push(ids);
				sell();
			}
		};
		const at = await shop({}, available, memory);
		const first = await at.level({ on_hand: '10' }, '10');
		const second = await at.level({ on_hand: '20' }, '20', `ELSEWHERE-${number}`);
		for (const { internalId } of [first, second]) await at.stock.editInternal(internalId, { on_hand: '5' });
		sell = () => at.memory.edit('stock-level', first.externalId, { available: '9' });
		await at.stock.run();
		expect(updates).toEqual([[first.externalId, second.externalId]]);
		expect([first.quantityThere(), second.quantityThere()]).toEqual(['5', '5']);
	});

	it('goes on however often it moves to and fro', async () => {
		const at = await shop();
		const { externalId, linkId, quantityThere } = await at.level({ on_hand: '10' }, '10');
		for (let sale = 0; sale < 8; sale++) {
			at.memory.edit('stock-level', externalId, { available: '9' });
			await at.stock.run();
		}
		expect(quantityThere()).toBe('10');
		expect(await at.stock.linkState(linkId)).toMatchObject({ status: 'in-sync', problem: null });
	});

	it('is never below 0 there, unless the shop takes orders for what is still to come', async () => {
		const [one, other] = [await shop(), await shop({}, { ...available, negative: true })];
		const strict = await one.level({ on_hand: '1', reserved: '4' }, '5');
		const lenient = await other.level({ on_hand: '1', reserved: '4' }, '5');
		expect(strict.quantityThere()).toBe('0');
		expect(lenient.quantityThere()).toBe('-3');
		const writes = one.memory.writes().length;
		await one.stock.run('full');
		expect(one.memory.writes()).toHaveLength(writes);
	});

	it('writes nothing before sending is live', async () => {
		const at = await shop({ live: false });
		const { linkId, quantityThere } = await at.level({ on_hand: '10' }, '3');
		expect(quantityThere()).toBe('3');
		expect(await at.stock.linkState(linkId)).toMatchObject({ status: 'pending', waiting: 'push' });
	});

	it('is found by its product and warehouse, or created there where the shop has none', async () => {
		const at = await shop({ autoCreateExternal: true });
		await at.addOurs({ on_hand: '10', reserved: '12' });
		await at.stock.run();
		expect(at.memory.records('stock-level')).toMatchObject([{ fields: { ...at.theirs, available: '0' } }]);
		const other = await shop({ autoCreateExternal: true });
		other.memory.add('stock-level', { ...other.theirs, available: '3' });
		await other.stock.run('full');
		await other.addOurs({ on_hand: '10' });
		await other.stock.run();
		expect(other.memory.records('stock-level')).toHaveLength(1);
		expect(await other.stock.suggestions()).toMatchObject([{ score: 100 }]);
	});
});
