import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld, type Story } from './world.ts';
import type { MemoryChannel } from '#src/engine/connectors/memory/create-memory-channel.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
let number = 0;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

const tent = {
	value: 'TENT',
	name: 'Tent',
	description: null,
	gtin: null,
	price: '100',
	currency: 'EUR',
	weight: '2',
	is_active: true
};

/** A channel of its own with one linked pair that agrees. */
async function linkedPair(
	set: Parameters<typeof world.addChannel>[1] = {},
	memory: Parameters<typeof world.addChannel>[2] = {}
) {
	number += 1;
	const erp = await world.addChannel(`flow-${number}`, set, memory);
	const fields = { ...tent, value: `TENT-${number}` };
	const internalId = await erp.addInternal(fields);
	const externalId = erp.memory.add('product', fields);
	const linkId = await erp.link(internalId, externalId);
	await erp.run();
	return { erp, internalId, externalId, linkId };
}

/** A run that finds nothing to do writes nothing on either side. */
async function expectQuiet(erp: Story & { memory: MemoryChannel }) {
	const writes = erp.memory.writes().length;
	const before = await erp.links();
	await erp.run();
	await erp.run('full');
	expect(erp.memory.writes()).toHaveLength(writes);
	expect(await erp.links()).toEqual(before);
}

describe.each(['strict', 'none'] as const)('a channel with precondition %s', (precondition) => {
	it('records what both sides hold when they agree, and then leaves them alone', async () => {
		const { erp, linkId } = await linkedPair({}, { precondition });
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync', problem: null });
		await expectQuiet(erp);
	});

	it('sends our edit, and does not take its echo for an edit', async () => {
		const { erp, internalId, externalId, linkId } = await linkedPair({}, { precondition });
		await erp.editInternal(internalId, { name: 'Tent 2' });
		const run = await erp.run();
		expect(erp.memory.record('product', externalId)?.fields['name']).toBe('Tent 2');
		expect(run).toMatchObject({ state: 'succeeded', counts: { pushed: 1 } });
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync', pendingWrite: null, unconfirmed: [] });
		await expectQuiet(erp);
	});

	it("takes the channel's edit over, and does not send it back", async () => {
		const { erp, internalId, externalId } = await linkedPair({}, { precondition });
		erp.memory.edit('product', externalId, { price: '89.50' });
		const run = await erp.run();
		expect((await erp.internal(internalId))?.['price']).toBe('89.500000');
		expect(run.counts).toMatchObject({ pulled: 1 });
		await expectQuiet(erp);
	});

	it('merges edits of different fields', async () => {
		const { erp, internalId, externalId } = await linkedPair({}, { precondition });
		await erp.editInternal(internalId, { name: 'Ours' });
		erp.memory.edit('product', externalId, { price: '77' });
		expect((await erp.run()).counts).toMatchObject({ merged: 1 });
		expect(erp.memory.record('product', externalId)?.fields).toMatchObject({ name: 'Ours', price: '77.00' });
		expect(await erp.internal(internalId)).toMatchObject({ name: 'Ours', price: '77.000000' });
		await expectQuiet(erp);
	});

	it('recognises a write whose reply was lost as its own', async () => {
		const { erp, internalId, externalId, linkId } = await linkedPair({}, { precondition });
		erp.memory.failNext('update', { kind: 'reply-lost' });
		await erp.editInternal(internalId, { name: 'Sent once' });
		await erp.run();
		await erp.editInternal(internalId, { name: 'Edited again' });
		await erp.passTime();
		await erp.run();
		expect(erp.memory.record('product', externalId)?.fields['name']).toBe('Edited again');
		expect(await erp.conflicts()).toEqual([]);
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync', pendingWrite: null });
	});
});

it('sends nothing over a write that may still land where no precondition would stop it, however often we edit', async () => {
	const { erp, internalId, externalId } = await linkedPair({}, { precondition: 'none' });
	const nameThere = () => erp.memory.record('product', externalId)?.fields['name'];
	erp.memory.failNext('update', { kind: 'reply-lost' });
	await erp.editInternal(internalId, { name: 'Sent once' });
	await erp.run();
	await erp.editInternal(internalId, { name: 'Edited again' });
	await erp.run();
	expect(nameThere()).toBe('Sent once');
	await erp.passTime();
	await erp.run();
	expect(nameThere()).toBe('Edited again');
});

it('does not overwrite an edit made at the channel between our read and our write', async () => {
	const { erp, internalId, externalId } = await linkedPair({ policy: { conflict: 'ask' } });
	await erp.editInternal(internalId, { name: 'Ours' });
	erp.memory.options.pause = async (at, call) => {
		if (at !== 'before' || call.method !== 'update') return;
		delete erp.memory.options.pause;
		erp.memory.edit('product', externalId, { name: 'Theirs' });
	};
	await erp.run();
	expect(erp.memory.record('product', externalId)?.fields['name']).toBe('Theirs');
	expect(await erp.conflicts()).toMatchObject([{ field: 'name', state: 'open', internal: 'Ours', external: 'Theirs' }]);
});

it('settles the same field by newest-wins and keeps the value that lost', async () => {
	const { erp, internalId, externalId } = await linkedPair();
	await erp.editInternal(internalId, { name: 'Older, ours' });
	await new Promise((resolve) => setTimeout(resolve, 60));
	erp.memory.edit('product', externalId, { name: 'Newer, theirs' });
	await erp.run();
	expect((await erp.internal(internalId))?.['name']).toBe('Newer, theirs');
	expect(await erp.conflicts()).toMatchObject([
		{ state: 'settled', rule: 'newest-wins', winner: 'external', internal: 'Older, ours' }
	]);
	expect((await erp.journal()).at(-1)?.changes).toMatchObject([
		{ side: 'internal', after: 'Newer, theirs', lost: 'Older, ours' }
	]);
	await expectQuiet(erp);
});

it.each([
	['internal-wins', 'Ours', 'external', 'Theirs'],
	['external-wins', 'Theirs', 'internal', 'Ours']
] as const)('%s settles the same field and journals the loser', async (conflict, winner, side, lost) => {
	const { erp, internalId, externalId } = await linkedPair({ policy: { conflict } });
	await erp.editInternal(internalId, { name: 'Ours' });
	erp.memory.edit('product', externalId, { name: 'Theirs' });
	await erp.run();
	expect((await erp.internal(internalId))?.['name']).toBe(winner);
	expect(erp.memory.record('product', externalId)?.fields['name']).toBe(winner);
	expect((await erp.journal()).at(-1)?.changes).toMatchObject([{ side, after: winner, lost }]);
	await expectQuiet(erp);
});

it('asks at first contact and touches nothing until somebody chose', async () => {
	const erp = await world.addChannel('first-contact');
	const internalId = await erp.addInternal({ ...tent, value: 'FC', name: 'Ours' });
	const externalId = erp.memory.add('product', { ...tent, value: 'FC', name: 'Theirs' });
	const linkId = await erp.link(internalId, externalId);
	await erp.run();
	expect(await erp.linkState(linkId)).toMatchObject({ status: 'conflict' });
	expect(await erp.conflicts()).toMatchObject([{ field: 'name', state: 'open', rule: 'first-contact: ask' }]);
	expect(erp.memory.writes()).toEqual([]);
	await expectQuiet(erp);
});

it('watches without writing until the direction goes live', async () => {
	const { erp, internalId, externalId, linkId } = await linkedPair({ live: false });
	await erp.editInternal(internalId, { name: 'Ours' });
	erp.memory.edit('product', externalId, { price: '1' });
	await erp.run();
	expect(await erp.linkState(linkId)).toMatchObject({ status: 'pending', waiting: 'merge' });
	expect(await erp.internal(internalId)).toMatchObject({ name: 'Ours', price: '100.000000' });
	expect(erp.memory.writes()).toEqual([]);
	await expectQuiet(erp);
});

it('still knows which edit was newer when a watching direction goes live', async () => {
	const { erp, internalId, externalId } = await linkedPair({ live: false });
	await erp.editInternal(internalId, { name: 'Older, ours' });
	await new Promise((resolve) => setTimeout(resolve, 30));
	erp.memory.edit('product', externalId, { name: 'Newer, theirs' });
	await erp.run();
	await database.db.execute(sql`
		update c_channel_entity set push_live = true, pull_live = true where c_channel_id = ${erp.channelId}::bigint`);
	await database.db.execute(
		sql`update c_channel_map_product set dirty_seq = dirty_seq + 1 where c_channel_id = ${erp.channelId}::bigint`
	);
	await erp.run();
	expect(await erp.conflicts()).toMatchObject([{ state: 'settled', rule: 'newest-wins', winner: 'external' }]);
	expect((await erp.internal(internalId))?.['name']).toBe('Newer, theirs');
});
