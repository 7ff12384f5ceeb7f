import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Clock } from '#src/engine/ports.ts';
import { seenOf } from '#src/engine/runs/seen.ts';
import { product } from '#src/entities/product/index.ts';
import type { Store } from '#src/store/store.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld, wallClock } from './world.ts';

let database: TestDatabase;
let number = 0;

beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

const lamp = { name: 'Lamp', price: '20', currency: 'EUR', is_active: true };

/** A process that stands still for three seconds right after a verb of the store is done, once it is told to; `meanwhile` happens before. */
async function stallingWorld(verb: keyof Store) {
	const stall = { armed: false, passedMs: 0, meanwhile: async (): Promise<unknown> => undefined };
	const startMs = Math.floor(wallClock.nowMs() / 1000) * 1000 + 100;
	const clock: Clock = {
		...wallClock,
		nowMs: () => startMs + stall.passedMs,
		monotonicMs: () => wallClock.monotonicMs() + stall.passedMs
	};
	const wrapStore = (store: Store): Store => ({
		...store,
		async [verb](input: never) {
			const result = await (store[verb] as (input: never) => Promise<unknown>)(input);
			if (!stall.armed) return result;
			stall.armed = false;
			await stall.meanwhile();
			stall.passedMs += 3_000;
			return result;
		}
	});
	number += 1;
	const world = await createWorld(database.db, { clock, wrapStore });
	return { stall, world, code: `STALL-${number}` };
}

it('a write whose process stood still after it was stored never leaves once its link ended meanwhile', async () => {
	const { stall, world, code } = await stallingWorld('commitLinks');
	const erp = await world.addChannel(code);
	const internalId = await erp.addInternal({ ...lamp, value: code });
	const externalId = erp.memory.add('product', { ...lamp, value: code });
	const linkId = await erp.link(internalId, externalId);
	await erp.run();
	await erp.editInternal(internalId, { name: 'Too late' });
	const before = erp.memory.writes().length;

	stall.armed = true;
	stall.meanwhile = () => database.db.execute(sql`delete from c_channel_map_product where id = ${linkId}::bigint`);
	await erp.run();
	expect(stall.passedMs).toBe(3_000);
	expect(erp.memory.writes().slice(before)).toEqual([]);
});

it('a create whose process stood still after it was marked as sent never leaves once a person excluded its record meanwhile', async () => {
	const { stall, world, code } = await stallingWorld('markIntentSent');
	const erp = await world.addChannel(code, { autoCreateExternal: true }, { unique: null });
	await erp.run();
	const internalId = await erp.addInternal({ ...lamp, value: code });

	stall.armed = true;
	stall.meanwhile = () =>
		database.db.execute(sql`
			insert into c_channel_exclusion (c_channel_id, entity, kind, internal_id, external_id, created_by)
			values (${erp.channelId}::bigint, 'product', 'record', ${internalId}::bigint, null, 'test')`);
	await erp.run();
	expect(stall.passedMs).toBe(3_000);
	await erp.passTime();
	await erp.run();
	expect(erp.memory.records('product').filter(({ fields }) => fields['value'] === code)).toEqual([]);
});

it('a new record is not asked for by a process that stood still, but after a new look', async () => {
	const { stall, world, code } = await stallingWorld('readCandidates');
	const erp = await world.addChannel(code, { autoCreateInternal: true });
	await erp.run();
	const [excluded, free] = ['-A', '-B'].map((end) => erp.memory.add('product', { ...lamp, value: code + end }));

	stall.armed = true;
	stall.meanwhile = () =>
		database.db.execute(sql`
			insert into c_channel_exclusion (c_channel_id, entity, kind, internal_id, external_id, created_by)
			values (${erp.channelId}::bigint, 'product', 'record', null, ${excluded}, 'test')`);
	await erp.run();
	expect(stall.passedMs).toBe(3_000);
	const asked = erp.memory.calls().flatMap(({ method, ids }) => (method === 'read' ? ids : []));
	expect(asked).not.toContain(excluded);
	expect(asked).toContain(free);
	const ours = await database.db.execute<{ value: string }>(
		sql`select value from m_product where value like ${`${code}-%`}`
	);
	expect(ours.map(({ value }) => value)).toEqual([`${code}-B`]);
});

it('a new record is taken over as it stands, not as a listing that lags behind shows it', async () => {
	number += 1;
	const world = await createWorld(database.db);
	const erp = await world.addChannel(`LAG-${number}`, { autoCreateInternal: true });
	await erp.run();
	const code = `STALL-LAG-${number}`;
	const externalId = erp.memory.add('product', { ...lamp, value: code });
	let read = false;
	erp.memory.options.pause = async (at, call) => {
		if (at === 'after' && call.method === 'read') read = true;
		// The listing is on its way back: what it shows is old when it arrives.
		if (at !== 'after' || (call.method !== 'list' && call.method !== 'changes') || read) return;
		erp.memory.edit('product', externalId, { name: 'As it stands' });
	};
	await erp.run('full');
	delete erp.memory.options.pause;
	const [link] = (await erp.links()).filter((one) => one.externalId === externalId);
	const imported = (await erp.journal()).filter(({ action }) => action === 'create-internal');
	expect(imported).toHaveLength(1);
	expect(imported[0]?.changes).toContainEqual(expect.objectContaining({ field: 'name', after: 'As it stands' }));
	expect((await erp.internal(link?.internalId ?? ''))?.['name']).toBe('As it stands');
});

it('a coarse tag that was read too early guards nothing, however long the process stood still with it', async () => {
	const { stall, world, code } = await stallingWorld('recentWrites');
	const erp = await world.addChannel(
		code,
		{ policy: { conflict: 'ask' } },
		{ precondition: 'coarse', settleMs: 1_000 }
	);
	const internalId = await erp.addInternal({ ...lamp, value: code });
	const externalId = erp.memory.add('product', { ...lamp, value: code });
	await erp.link(internalId, externalId);
	await erp.run();
	stall.passedMs += 5_000;
	erp.memory.edit('product', externalId, { price: '21' });
	await erp.editInternal(internalId, { name: 'Ours' });

	stall.armed = true;
	stall.meanwhile = async () => erp.memory.edit('product', externalId, { name: 'Theirs, in the same second' });
	await erp.run();
	expect(stall.armed).toBe(false);
	expect(erp.memory.record('product', externalId)?.fields['name']).toBe('Theirs, in the same second');

	await erp.passTime();
	await erp.run();
	expect(await erp.conflicts()).toMatchObject([{ field: 'name', state: 'open', internal: 'Ours' }]);
});

it('a reading that is older than what the feed showed since does not hide it, also where the link ends then', async () => {
	number += 1;
	const code = `STALL-${number}`;
	const ending = { linkId: '' };
	const wrapStore = (store: Store): Store => ({
		...store,
		async commitLinks(input) {
			const result = await store.commitLinks(input);
			if (ending.linkId !== '')
				await database.db.execute(sql`delete from c_channel_map_product where id = ${ending.linkId}::bigint`);
			return result;
		}
	});
	const world = await createWorld(database.db, { wrapStore });
	// Without a feed of changes each record is read by its id.
	const erp = await world.addChannel(code, {}, { hasChanges: false });
	const internalId = await erp.addInternal({ ...lamp, value: code });
	const externalId = erp.memory.add('product', { ...lamp, value: code });
	const linkId = await erp.link(internalId, externalId);
	await erp.run();
	const seenPrice = async () => {
		const [row] = await database.db.execute<{ price: string }>(
			sql`select fields->>'price' as price from c_channel_record where c_channel_id = ${erp.channelId}::bigint and external_id = ${externalId}`
		);
		return row?.price;
	};

	erp.memory.edit('product', externalId, { price: '30' });
	erp.memory.options.pause = async (at, call) => {
		if (at !== 'after' || call.method !== 'read') return;
		delete erp.memory.options.pause;
		erp.memory.edit('product', externalId, { price: '31' });
		const { fields, stamp } = erp.memory.record('product', externalId)!;
		const shown = { id: externalId, variantId: '', version: null, stamp, fields, reference: null };
		await world.store.recordPage({
			channelId: erp.channelId,
			entity: product,
			records: [seenOf(product, shown)],
			complete: false,
			cursor: null,
			run: null
		});
		ending.linkId = linkId;
	};
	await erp.run();
	expect(await erp.linkState(linkId)).toBeNull();
	expect(await seenPrice()).toBe('31.00');
});

it('a write that failed takes nothing back from what was agreed before it: a backup put back then is noticed', async () => {
	const { stall, world, code } = await stallingWorld('recentWrites');
	const erp = await world.addChannel(code, {}, { overlapMs: 0 });
	const internalId = await erp.addInternal({ ...lamp, value: code });
	const externalId = erp.memory.add('product', { ...lamp, value: code });
	await erp.link(internalId, externalId);
	await erp.run();
	stall.passedMs += 10_000;
	erp.memory.edit('product', externalId, { name: 'In the backup' });
	stall.passedMs += 10_000;
	const backup = erp.memory.options.clock.nowMs();
	stall.passedMs += 10_000;
	erp.memory.edit('product', externalId, { name: 'Agreed' });
	await erp.editInternal(internalId, { price: '21' });

	erp.memory.failNext('update', { kind: 'fails', as: 'unreachable' });
	await erp.run();
	expect((await erp.internal(internalId))?.['name']).toBe('Agreed');
	erp.memory.restoreBackup(backup);
	await erp.passTime();
	await erp.run('full');
	expect((await erp.internal(internalId))?.['name']).toBe('Agreed');
	expect(await erp.conflicts()).toMatchObject([{ field: 'name', state: 'open', rule: 'ask: older-than-agreed' }]);
});
