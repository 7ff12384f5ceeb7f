import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld, wallClock, lamp, linkPairs } from './world.ts';

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
	const erp = await world.addChannel(`trouble-${number}`, set, memory);
	const pairs = await linkPairs(erp, count, `LAMP-${number}`);
	return { erp, pairs };
}

it('sets one refused record aside after five tries and lets the others go on', async () => {
	const refuses = (fields: Record<string, unknown>) => (String(fields['name']).length > 20 ? 'name is too long' : null);
	const { erp, pairs } = await linkedPairs(3, {}, { refuses });
	const [bad, good] = pairs;
	if (!bad || !good) throw new Error('no pairs');
	await erp.editInternal(bad.internalId, { name: 'A name longer than the channel takes' });
	for (let tries = 1; tries <= 5; tries++) {
		await erp.editInternal(good.internalId, { name: `Lamp ${tries}` });
		await erp.run();
		await erp.passTime();
	}
	expect(await erp.linkState(bad.linkId)).toMatchObject({
		status: 'quarantined',
		tries: 5,
		problem: { kind: 'rejected', message: 'name is too long', field: 'name' }
	});
	expect(erp.memory.record('product', good.externalId)?.fields['name']).toBe('Lamp 5');
	const calls = erp.memory.calls().length;
	await erp.run();
	expect(
		erp.memory
			.calls()
			.slice(calls)
			.filter(({ method }) => method === 'update')
	).toEqual([]);

	await erp.editInternal(bad.internalId, { name: 'Short' });
	await erp.run();
	expect(await erp.linkState(bad.linkId)).toMatchObject({ status: 'in-sync', problem: null, tries: 0 });
});

it('stops the run on refused credentials and says what to renew', async () => {
	const { erp, pairs } = await linkedPairs(2);
	erp.memory.failNext('any', { kind: 'fails', as: 'unauthorized' }, 10);
	await erp.editInternal(pairs[0]?.internalId ?? '', { name: 'Waits' });
	const calls = erp.memory.calls().length;
	expect(await erp.run()).toMatchObject({ state: 'failed', problem: { kind: 'unauthorized' } });
	expect(erp.memory.calls().length - calls).toBe(1);
	const channel = () =>
		database.db.execute(sql`select problem ->> 'kind' as kind from c_channel where id = ${erp.channelId}::bigint`);
	expect(await channel()).toEqual([{ kind: 'unauthorized' }]);
	erp.memory.heal();
	expect(await erp.run()).toMatchObject({ state: 'succeeded' });
	expect(await channel()).toEqual([{ kind: null }]);
});

it('does not blame single records for an outage', async () => {
	const { erp, pairs } = await linkedPairs(1);
	await erp.editInternal(pairs[0]?.internalId ?? '', { name: 'Later' });
	for (let tries = 0; tries < 7; tries++) {
		erp.memory.failNext('update', { kind: 'fails', as: 'unreachable' });
		erp.memory.failNext('probe', { kind: 'fails', as: 'unreachable' });
		expect(await erp.run()).toMatchObject({ state: 'failed', problem: { kind: 'unreachable' } });
		erp.memory.heal();
		await erp.passTime();
	}
	expect(await erp.linkState(pairs[0]?.linkId ?? '')).toMatchObject({ tries: 0 });
	await erp.run();
	expect(erp.memory.record('product', pairs[0]?.externalId ?? '')?.fields['name']).toBe('Later');
});

it('leaves a channel alone for longer and longer, unless it answers in between', async () => {
	const { erp, pairs } = await linkedPairs(2);
	const failures = async () => {
		const rows = await database.db.execute<{ failures: number }>(
			sql`select failures from c_channel_entity where c_channel_id = ${erp.channelId}::bigint and entity = 'product'`
		);
		return rows[0]?.failures;
	};
	const breakOff = async (doing: 'nothing' | 'something', name: string) => {
		await erp.editInternal(pairs[0]?.internalId ?? '', { name });
		if (doing === 'something') await erp.editInternal(pairs[1]?.internalId ?? '', { name });
		erp.memory.failNext('update', { kind: 'fails', as: 'unreachable' });
		erp.memory.failNext('probe', { kind: 'fails', as: 'unreachable' });
		expect(await erp.run()).toMatchObject({ state: 'failed', problem: { kind: 'unreachable' } });
		erp.memory.heal();
		await erp.passTime();
	};
	for (const name of ['One', 'Two', 'Three']) await breakOff('nothing', name);
	expect(await failures()).toBe(3);
	for (const name of ['Four', 'Five']) await breakOff('something', name);
	expect(await failures()).toBe(1);
	await breakOff('nothing', 'Six');
	expect(await failures()).toBe(2);
	await erp.run();
	expect(await failures()).toBe(0);
});

it('calls a record missing only after a direct read, and carries on when it is back', async () => {
	const { erp, pairs } = await linkedPairs(3);
	const [gone, other] = pairs;
	if (!gone || !other) throw new Error('no pairs');
	erp.memory.remove('product', gone.externalId);
	await erp.run('full');
	expect(await erp.linkState(gone.linkId)).toMatchObject({ status: 'orphan', problem: { kind: 'missing-external' } });
	expect(await erp.internal(gone.internalId)).toBeDefined();
	expect(await erp.linkState(other.linkId)).toMatchObject({ status: 'in-sync' });
	erp.memory.add('product', { ...lamp, value: `LAMP-${number}-0` }, { id: gone.externalId });
	await erp.run();
	expect(await erp.linkState(gone.linkId)).toMatchObject({ status: 'in-sync', problem: null });
});

it('turns links of a record we deleted into orphans and leaves the channel alone', async () => {
	const { erp, pairs } = await linkedPairs(1);
	await database.db.execute(sql`delete from m_product where id = ${pairs[0]?.internalId ?? ''}::bigint`);
	await erp.run();
	expect(await erp.linkState(pairs[0]?.linkId ?? '')).toMatchObject({
		status: 'orphan',
		problem: { kind: 'missing-internal' }
	});
	expect(erp.memory.writes()).toEqual([]);
	expect(erp.memory.records('product')).toHaveLength(1);
});

it('settles with a channel that rewrites what it is sent, without an endless back and forth', async () => {
	const entities = {
		product: [
			{ name: 'value', type: 'text' as const },
			{ name: 'name', type: 'text' as const, rewrite: 'upper' as const, hidden: true as const }
		]
	};
	const { erp, pairs } = await linkedPairs(1, { policy: { firstContact: 'internal-wins' } }, { entities });
	const pair = pairs[0];
	await erp.editInternal(pair?.internalId ?? '', { name: 'Quiet' });
	for (let runs = 0; runs < 6; runs++) {
		await erp.run();
		await erp.passTime();
	}
	expect(erp.memory.writes().length).toBeLessThanOrEqual(4);
	expect((await erp.internal(pair?.internalId ?? ''))?.['name']).toBe('Quiet');
});

it('a push that loses its race again and again in one run is no back and forth', async () => {
	const { erp, pairs } = await linkedPairs(1);
	const [pair] = pairs;
	if (!pair) throw new Error('no pair');
	await erp.editInternal(pair.internalId, { name: 'Patient' });
	let races = 0;
	erp.memory.options.pause = async (at, { method }) => {
		if (at !== 'before' || method !== 'update' || races === 5) return;
		races += 1;
		erp.memory.edit('product', pair.externalId, { description: `Theirs ${races}` });
	};
	await erp.run();
	expect(races).toBe(5);
	expect(erp.memory.record('product', pair.externalId)?.fields['name']).toBe('Patient');
	await erp.editInternal(pair.internalId, { name: 'Still here' });
	await erp.run();
	expect(erp.memory.record('product', pair.externalId)?.fields['name']).toBe('Still here');
	expect(await erp.linkState(pair.linkId)).toMatchObject({ status: 'in-sync' });
});

it('one of ours that has two records at a channel is written to both, and that is no back and forth', async () => {
	const { erp, pairs } = await linkedPairs(1, { allowSecondary: true }, { unique: null });
	const [pair] = pairs;
	if (!pair) throw new Error('no pair');
	const second = erp.memory.add('product', erp.memory.record('product', pair.externalId)!.fields);
	await database.db.execute(sql`
		insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id, is_primary)
		values (${erp.channelId}::bigint, ${pair.internalId}::bigint, ${second}, false)`);
	await erp.run();
	for (const name of ['First', 'Second', 'Third', 'Fourth', 'Fifth']) {
		await erp.editInternal(pair.internalId, { name });
		// One of the two is written by a later run.
		erp.memory.failNext('update', { kind: 'fails', as: 'rate-limited' });
		await erp.run();
		await erp.passTime();
		await erp.run();
	}
	for (const id of [pair.externalId, second]) expect(erp.memory.record('product', id)?.fields['name']).toBe('Fifth');
	expect((await erp.links()).filter(({ status }) => status === 'quarantined')).toEqual([]);
});

it('sees an edit made right after our write, before the read-back', async () => {
	const { erp, pairs } = await linkedPairs(1);
	const pair = pairs[0];
	await erp.editInternal(pair?.internalId ?? '', { name: 'Ours' });
	erp.memory.afterNextWrite(() => erp.memory.edit('product', pair?.externalId ?? '', { price: '33' }));
	await erp.run();
	await erp.run();
	expect(await erp.internal(pair?.internalId ?? '')).toMatchObject({ name: 'Ours', price: '33.000000' });
	expect(erp.memory.record('product', pair?.externalId ?? '')?.fields).toMatchObject({ name: 'Ours', price: '33.00' });
});

it('sends nothing for a link that ended while its run was on, and nothing names the record any more', async () => {
	const { erp, pairs } = await linkedPairs(2, { autoCreateExternal: true, autoCreateInternal: true });
	const [ended] = pairs;
	if (!ended) throw new Error('no pairs');
	await erp.editInternal(ended.internalId, { name: 'Never sent' });
	const before = erp.memory.writes().length;
	erp.memory.options.pause = async (at, call) => {
		if (at !== 'after' || call.method !== 'read') return;
		delete erp.memory.options.pause;
		await database.db.execute(sql`delete from c_channel_map_product where id = ${ended.linkId}::bigint`);
		await database.db.execute(sql`
			insert into c_channel_exclusion (c_channel_id, entity, kind, internal_id, external_id, created_by) values
				(${erp.channelId}::bigint, 'product', 'record', ${ended.internalId}::bigint, null, 'test'),
				(${erp.channelId}::bigint, 'product', 'record', null, ${ended.externalId}, 'test')`);
	};
	await erp.run();
	const calls = erp.memory.calls().length;
	erp.memory.edit('product', ended.externalId, { name: 'Edited there' });
	for (let runs = 0; runs < 3; runs++) await erp.run(runs === 1 ? 'full' : 'incremental');
	expect(erp.memory.writes().slice(before)).toEqual([]);
	expect(
		erp.memory
			.calls()
			.slice(calls)
			.filter(({ ids }) => ids.includes(ended.externalId))
	).toEqual([]);
	expect(await erp.linkState(ended.linkId)).toBeNull();
});

it('takes nothing over from a channel that was put back to an older state, and asks', async () => {
	const { erp, pairs } = await linkedPairs(1, {}, { overlapMs: 0 });
	const pair = pairs[0];
	const before = wallClock.nowMs();
	await new Promise((resolve) => setTimeout(resolve, 20));
	erp.memory.edit('product', pair?.externalId ?? '', { name: 'Agreed' });
	await erp.run();
	erp.memory.restoreBackup(before);
	await erp.run('full');
	expect((await erp.internal(pair?.internalId ?? ''))?.['name']).toBe('Agreed');
	expect(await erp.conflicts()).toMatchObject([{ field: 'name', state: 'open', rule: 'ask: older-than-agreed' }]);
});

it('a code that another record of ours has costs only the link that would take it', async () => {
	const { erp, pairs } = await linkedPairs(3);
	const [bad, good] = pairs;
	if (!bad || !good) throw new Error('no pairs');
	await erp.addInternal({ ...lamp, value: `TAKEN-${number}` });
	erp.memory.edit('product', bad.externalId, { value: `TAKEN-${number}` });
	erp.memory.edit('product', good.externalId, { name: 'Pulled all the same' });
	const ended = await erp.run();
	expect(ended).toMatchObject({ state: 'partial', problem: null });
	expect((await erp.internal(good.internalId))?.['name']).toBe('Pulled all the same');
	expect(await erp.linkState(bad.linkId)).toMatchObject({ status: 'failed', tries: 1, problem: { kind: 'duplicate' } });
});

it('a value read at the channel stays confirmed when the write that followed the reading failed', async () => {
	const { erp, pairs } = await linkedPairs(1);
	const [pair] = pairs;
	if (!pair) throw new Error('no pair');
	erp.memory.afterNextWrite(() => erp.memory.failNext('read', { kind: 'fails', as: 'unreachable' }));
	await erp.editInternal(pair.internalId, { name: 'Ours' });
	await erp.run();
	expect((await erp.linkState(pair.linkId))?.unconfirmed).toEqual(['name']);
	erp.memory.failNext('update', { kind: 'fails', as: 'rejected' });
	await erp.editInternal(pair.internalId, { price: '21' });
	await erp.run();
	expect(await erp.linkState(pair.linkId)).toMatchObject({ status: 'failed', unconfirmed: [] });
});
