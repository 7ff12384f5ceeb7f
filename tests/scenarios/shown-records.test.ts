import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld, lamp, linkPairs } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
let number = 0;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

/** Linked pairs that agree, at a channel that tells which calls it got since `forget`. */
async function linkedPairs(count: number, memory: Parameters<typeof world.addChannel>[2] = {}) {
	number += 1;
	const calls: string[] = [];
	const erp = await world.addChannel(
		`shown-${number}`,
		{},
		{ ...memory, pause: async (at, { method }) => void (at === 'before' && calls.push(method)) }
	);
	const pairs = await linkPairs(erp, count, `STOVE-${number}`, { ...lamp, name: 'Stove' });
	calls.length = 0;
	return { erp, pairs, calls };
}

it('takes over what the feed carried without asking for any record again', async () => {
	const { erp, pairs, calls } = await linkedPairs(5);
	for (const { externalId } of pairs) erp.memory.edit('product', externalId, { price: '41.50' });
	expect((await erp.run()).counts).toMatchObject({ pulled: 5 });
	expect(calls).not.toContain('read');
	for (const { internalId } of pairs) expect((await erp.internal(internalId))?.['price']).toBe('41.500000');
	const links = await erp.links();
	await erp.run('full');
	expect(await erp.links()).toEqual(links);
});

it('reads again where it sends something too', async () => {
	const { erp, pairs, calls } = await linkedPairs(2);
	for (const { externalId } of pairs) erp.memory.edit('product', externalId, { price: '42' });
	await erp.editInternal(pairs[0]?.internalId ?? '', { name: 'Our stove' });
	expect((await erp.run()).counts).toMatchObject({ pulled: 1, merged: 1 });
	expect(calls.filter((method) => method === 'read').length).toBeGreaterThan(0);
	expect(erp.memory.record('product', pairs[0]?.externalId ?? '')?.fields).toMatchObject({
		name: 'Our stove',
		price: '42.00'
	});
});

it('takes over what moves no stamp along with what does', async () => {
	const { erp, pairs, calls } = await linkedPairs(1, { stampCovers: ['name'] });
	const { internalId = '', externalId = '' } = pairs[0] ?? {};
	erp.memory.edit('product', externalId, { price: '43' });
	erp.memory.edit('product', externalId, { name: 'Their stove' });
	expect((await erp.run()).counts).toMatchObject({ pulled: 1 });
	expect(await erp.internal(internalId)).toMatchObject({ name: 'Their stove', price: '43.000000' });
	expect(calls).not.toContain('read');
});

it('does not take over what was shown before an agreement that moved no stamp', async () => {
	const { erp, pairs } = await linkedPairs(1, { stampCovers: ['name'] });
	const { internalId = '', externalId = '' } = pairs[0] ?? {};
	erp.memory.edit('product', externalId, { name: 'Their stove' });
	await erp.run();
	await erp.editInternal(internalId, { price: '44' });
	expect((await erp.run()).counts).toMatchObject({ pushed: 1 });
	// Its stamp is the one that was agreed on, and the feed goes on showing it for a while.
	await erp.run();
	expect((await erp.internal(internalId))?.['price']).toBe('44.000000');
	expect(erp.memory.record('product', externalId)?.fields).toMatchObject({ name: 'Their stove', price: '44.00' });
});

it('reads again where the stamp did not move', async () => {
	const { erp, pairs, calls } = await linkedPairs(1, { stampResolutionMs: 3_600_000, overlapMs: 7_200_000 });
	erp.memory.edit('product', pairs[0]?.externalId ?? '', { name: 'Their stove' });
	expect((await erp.run()).counts).toMatchObject({ pulled: 1 });
	expect(calls).toContain('read');
});
