import { randomBytes } from 'node:crypto';
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

async function linkedPairs(
	count: number,
	set: Parameters<typeof world.addChannel>[1] = {},
	memory: Parameters<typeof world.addChannel>[2] = {}
) {
	number += 1;
	const erp = await world.addChannel(`bad-${number}`, set, memory);
	const pairs = await linkPairs(erp, count, `BAD-${number}`);
	return { erp, pairs };
}

it('a value that our record cannot take costs its own link only, and is set aside in the end', async () => {
	const { erp, pairs } = await linkedPairs(3);
	const [bad, good] = [pairs[1]!, pairs[2]!];
	for (let tries = 1; tries <= 5; tries++) {
		erp.memory.edit('product', bad.externalId, { price: `${'9'.repeat(20)}.${tries}` });
		erp.memory.edit('product', good.externalId, { name: `Lamp ${tries}` });
		expect(await erp.run()).toMatchObject({ state: 'partial', problem: null });
		expect((await erp.internal(good.internalId))?.['name']).toBe(`Lamp ${tries}`);
		await erp.passTime();
	}
	expect(await erp.linkState(bad.linkId)).toMatchObject({ status: 'quarantined', problem: { kind: 'rejected' } });
	expect((await erp.internal(bad.internalId))?.['price']).toBe('20.000000');
});

it('a new record that ours cannot hold is told, and the others are taken over', async () => {
	number += 1;
	const erp = await world.addChannel(`bad-${number}`, { autoCreateInternal: true });
	erp.memory.add('product', { ...lamp, value: `HUGE-${number}`, price: '9'.repeat(20) });
	erp.memory.add('product', { ...lamp, value: `FINE-${number}` });
	const run = await erp.run();
	expect(run.state).toBe('partial');
	expect(await erp.items(run.runId)).toContainEqual(
		expect.objectContaining({ outcome: 'failed', problem: expect.objectContaining({ kind: 'rejected' }) as object })
	);
	expect(await erp.links()).toHaveLength(1);
});

it('a text too long for an index is no code, and stops nothing', async () => {
	const { erp } = await linkedPairs(1);
	erp.memory.add('product', { ...lamp, value: randomBytes(4000).toString('hex') });
	expect(await erp.run('full')).toMatchObject({ state: 'succeeded' });
});

it('one answer without a record breaks no link; two do, and a listing that shows it mends the link', async () => {
	// Without a feed of changes each record is read by its id.
	const { erp, pairs } = await linkedPairs(2, {}, { hasChanges: false });
	const one = pairs[0]!;
	erp.memory.edit('product', one.externalId, { name: 'Still here' });
	erp.memory.failNext('read', { kind: 'empty' });
	await erp.run();
	expect(await erp.linkState(one.linkId)).toMatchObject({ status: 'in-sync' });
	expect((await erp.journal()).map(({ action }) => action)).not.toContain('orphan');

	erp.memory.edit('product', one.externalId, { name: 'Really' });
	erp.memory.failNext('read', { kind: 'empty' }, 2);
	await erp.run();
	expect(await erp.linkState(one.linkId)).toMatchObject({ status: 'orphan' });
	await erp.run('full');
	expect(await erp.linkState(one.linkId)).toMatchObject({ status: 'in-sync' });
	expect((await erp.internal(one.internalId))?.['name']).toBe('Really');
});

it('a channel whose clock was wrong for a moment is still listened to', async () => {
	const { erp, pairs } = await linkedPairs(1);
	erp.memory.options.skewMs = 30 * 86_400_000;
	await erp.run('full');
	erp.memory.options.skewMs = 0;
	erp.memory.edit('product', pairs[0]!.externalId, { name: 'Heard' });
	await erp.run();
	expect((await erp.internal(pairs[0]!.internalId))?.['name']).toBe('Heard');
});
