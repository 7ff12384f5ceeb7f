import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld, linkPairs } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
let number = 0;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

/** Linked pairs that agree, at a channel that takes so many updates in one call; `updates` has the ids of each since then. */
async function linkedPairs(count: number, memory: Parameters<typeof world.addChannel>[2] = {}) {
	number += 1;
	const updates: (readonly string[])[] = [];
	const onUpdate: { once?: (() => void) | undefined } = {};
	const erp = await world.addChannel(
		`together-${number}`,
		{},
		{
			updatesAtOnce: 10,
			...memory,
			async pause(at, { method, ids }) {
				if (at !== 'before' || method !== 'update') return;
				updates.push(ids);
				onUpdate.once?.();
				onUpdate.once = undefined;
			}
		}
	);
	const pairs = await linkPairs(erp, count, `LAMP-${number}`);
	const [first] = pairs;
	if (!first) throw new Error('no pair');
	const names = () => pairs.map(({ externalId }) => erp.memory.record('product', externalId)?.fields['name']);
	const rename = async () => {
		for (const [at, { internalId }] of pairs.entries()) await erp.editInternal(internalId, { name: `Lamp ${at}` });
	};
	const statuses = async () => (await erp.links()).map(({ status }) => status);
	return { erp, pairs, first, updates, onUpdate, names, rename, statuses };
}

describe('a channel that takes several updates in one call', () => {
	it('gets our edits of several records in as few calls as it takes, each once', async () => {
		const { erp, pairs, updates, names, rename } = await linkedPairs(12);
		await rename();
		expect((await erp.run()).counts).toMatchObject({ pushed: 12 });
		expect(updates.map((ids) => ids.length)).toEqual([10, 2]);
		expect(names()).toEqual(pairs.map((_, at) => `Lamp ${at}`));
		const [writes, links] = [erp.memory.writes().length, await erp.links()];
		await erp.run();
		await erp.run('full');
		expect(erp.memory.writes()).toHaveLength(writes);
		expect(await erp.links()).toEqual(links);
	});

	it.each([false, true])(
		'refuses one record without keeping the others from arriving; each by itself: %s',
		async (apart) => {
			const { erp, pairs, first, updates, names, rename, statuses } = await linkedPairs(6, {
				refuses: ({ name }) => (name === 'Lamp 0' ? 'Not this name' : null),
				updatesApart: apart
			});
			await rename();
			expect(await erp.run()).toMatchObject({ state: 'partial', counts: { pushed: 5, failed: 1 } });
			expect(names()).toEqual(pairs.map((_, at) => (at === 0 ? 'Lamp' : `Lamp ${at}`)));
			if (apart) expect(updates).toHaveLength(1);
			expect(await statuses()).toEqual(['failed', ...Array.from({ length: 5 }, () => 'in-sync')]);
			expect((await erp.linkState(first.linkId))?.problem).toMatchObject({
				kind: 'rejected',
				message: 'Not this name'
			});
		}
	);

	it.each([false, true])(
		'keeps an edit there that came between our look and our call; each by itself: %s',
		async (apart) => {
			const { erp, first, onUpdate, names, rename, statuses } = await linkedPairs(4, { updatesApart: apart });
			await rename();
			onUpdate.once = () => erp.memory.edit('product', first.externalId, { price: '19.00' });
			await erp.run();
			await erp.run();
			expect(names()).toEqual(['Lamp 0', 'Lamp 1', 'Lamp 2', 'Lamp 3']);
			expect(erp.memory.record('product', first.externalId)?.fields['price']).toBe('19.00');
			expect((await erp.internal(first.internalId))?.['price']).toBe('19.000000');
			expect(await statuses()).toEqual(Array.from({ length: 4 }, () => 'in-sync'));
		}
	);

	it.each([false, true])(
		'has its lost answer found out for each record, and nothing is sent twice; each by itself: %s',
		async (apart) => {
			const { erp, names, rename, statuses } = await linkedPairs(4, { updatesApart: apart });
			await rename();
			erp.memory.failNext('update', { kind: 'reply-lost' });
			await erp.run();
			await erp.passTime();
			await erp.run();
			expect(names()).toEqual(['Lamp 0', 'Lamp 1', 'Lamp 2', 'Lamp 3']);
			expect(await statuses()).toEqual(Array.from({ length: 4 }, () => 'in-sync'));
			expect(erp.memory.writes()).toHaveLength(4);
		}
	);

	it('is asked once for what it made of them, where its answers do not say', async () => {
		const { erp, rename } = await linkedPairs(5);
		const reads = () => erp.memory.calls().filter(({ method }) => method === 'read').length;
		const before = reads();
		await rename();
		await erp.run();
		// One look before the writes, one after them.
		expect(reads()).toBe(before + 2);
	});

	it('has each record looked at right before its own write where nothing guards it', async () => {
		const { erp, updates, names, rename } = await linkedPairs(3, { precondition: 'none' });
		await rename();
		await erp.run();
		expect(updates.map((ids) => ids.length)).toEqual([1, 1, 1]);
		expect(names()).toEqual(['Lamp 0', 'Lamp 1', 'Lamp 2']);
	});
});
