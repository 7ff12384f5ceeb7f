import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decideHold } from '#src/store/decide-hold.ts';
import { restoreRecord } from '#src/store/restore-record.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld, linkPairs } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
const many = 15;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

/** Linked pairs that agree. */
async function linkedPairs(name: string, set: Parameters<typeof world.addChannel>[1] = {}, count = many) {
	const erp = await world.addChannel(name, set);
	const pairs = await linkPairs(erp, count, name, { name: 'Lamp', price: '20.000000', is_active: true });
	return { erp, pairs };
}

const person = { actor: { name: 'ann@example.org' }, via: 'web' as const };
const holds = (channelId: string) =>
	database.db.execute<{ id: string; kind: string; waiting: number; state: string }>(
		sql`select id::text as id, kind, waiting, state from sync_hold where c_channel_id = ${channelId}::bigint order by id`
	);

it('believes no listing that leaves out too much', async () => {
	const { erp, pairs } = await linkedPairs('EMPTY');
	erp.memory.failNext('list', { kind: 'empty' });
	expect(await erp.run('full')).toMatchObject({ state: 'held', problem: { kind: 'held' } });
	for (const { linkId } of pairs) expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync' });
	// A whole listing is the end of it.
	expect(await erp.run('full')).toMatchObject({ state: 'succeeded' });
	expect(await holds(erp.channelId)).toMatchObject([{ kind: 'absences', waiting: 15, state: 'gone' }]);
});

it('asks for records by their ids once a person approves that so many were not listed', async () => {
	const { erp, pairs } = await linkedPairs('APPROVED');
	for (const { externalId } of pairs.slice(1)) erp.memory.remove('product', externalId);
	for (let runs = 0; runs < 2; runs++) expect(await erp.run('full')).toMatchObject({ state: 'held' });
	const [hold] = await holds(erp.channelId);
	expect(hold).toMatchObject({ kind: 'absences', waiting: 14, state: 'open' });
	await decideHold(database.db, { holdId: hold?.id ?? '', decision: 'approve', ...person });
	const ended = await erp.run('full');
	expect(ended.state).not.toBe('held');
	const [kept, ...gone] = pairs;
	expect(await erp.linkState(kept?.linkId ?? '')).toMatchObject({ status: 'in-sync' });
	for (const { linkId, internalId } of gone) {
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'orphan' });
		expect(await erp.internal(internalId)).toBeDefined();
	}
});

it('judges anew after a person discarded what a listing left out; both directions stay live', async () => {
	const { erp, pairs } = await linkedPairs('DISCARDED');
	erp.memory.failNext('list', { kind: 'empty' });
	const held = await erp.run('full');
	expect(held).toMatchObject({ state: 'held', counts: { skipped: many } });
	expect((await erp.items(held.runId))[0]).toMatchObject({ outcome: 'skipped', problem: { kind: 'not-listed' } });
	const [hold] = await holds(erp.channelId);
	await decideHold(database.db, { holdId: hold?.id ?? '', decision: 'discard', ...person });
	const [pair] = pairs;
	await erp.editInternal(pair?.internalId ?? '', { name: 'Sent all the same' });
	expect(await erp.run('full')).toMatchObject({ state: 'succeeded' });
	expect(erp.memory.record('product', pair?.externalId ?? '')?.fields['name']).toBe('Sent all the same');
});

it('brings a deleted record of ours back under its id, and the link carries on from its bases', async () => {
	const { erp, pairs } = await linkedPairs('OURS', {}, 2);
	const [pair] = pairs;
	if (!pair) throw new Error('no pairs');
	await database.db.execute(sql`delete from m_product where id = ${pair.internalId}::bigint`);
	await erp.run();
	expect(await erp.linkState(pair.linkId)).toMatchObject({ status: 'orphan' });
	erp.memory.edit('product', pair.externalId, { price: '25' });
	const restored = await restoreRecord(database.db, { entity: 'product', linkId: pair.linkId, ...person });
	expect(restored).toMatchObject({ ok: true, side: 'internal', links: [{ id: pair.linkId }] });
	await erp.run();
	expect(await erp.internal(pair.internalId)).toMatchObject({ value: 'OURS-0', name: 'Lamp', price: '25.000000' });
	expect(await erp.linkState(pair.linkId)).toMatchObject({ status: 'in-sync', problem: null });
	expect(await restoreRecord(database.db, { entity: 'product', linkId: pair.linkId, ...person })).toMatchObject({
		ok: false,
		kind: 'stale'
	});
});

it("creates the channel's record again, once, although the answer is lost; the old one stays out of it", async () => {
	const { erp, pairs } = await linkedPairs('THEIRS', {}, 2);
	const [pair] = pairs;
	if (!pair) throw new Error('no pairs');
	erp.memory.remove('product', pair.externalId);
	await erp.run('full');
	expect(await erp.linkState(pair.linkId)).toMatchObject({ status: 'orphan' });
	const restored = await restoreRecord(database.db, { entity: 'product', linkId: pair.linkId, ...person });
	expect(restored).toMatchObject({ ok: true, side: 'external' });
	erp.memory.failNext('create', { kind: 'reply-lost' });
	for (let runs = 0; runs < 3; runs++) {
		await erp.run();
		await erp.passTime();
	}
	const there = erp.memory.records('product').filter(({ fields }) => fields['value'] === 'THEIRS-0');
	expect(there).toHaveLength(1);
	const links = (await erp.links()).filter(({ internalId }) => internalId === pair.internalId);
	expect(links).toMatchObject([{ status: 'in-sync', externalId: there[0]?.id }]);
	expect(links[0]?.id).not.toBe(pair.linkId);
	// It turns up again from a backup: nothing is suggested or imported.
	erp.memory.add('product', { ...there[0]?.fields }, { id: pair.externalId });
	await erp.run('full');
	expect(await erp.suggestions()).toEqual([]);
	expect(await erp.links()).toHaveLength(2);
});

it('creates nothing at a channel to which nothing is sent', async () => {
	const { erp, pairs } = await linkedPairs('WATCHING', { live: false }, 2);
	const [pair] = pairs;
	if (!pair) throw new Error('no pairs');
	erp.memory.remove('product', pair.externalId);
	await erp.run('full');
	const restored = await restoreRecord(database.db, { entity: 'product', linkId: pair.linkId, ...person });
	expect(restored).toMatchObject({ ok: false, kind: 'not-allowed' });
	expect(await erp.linkState(pair.linkId)).toMatchObject({ status: 'orphan' });
});
