import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inboxCounts } from '#src/mappings/inbox-counts.ts';
import { listAwaiting } from '#src/mappings/list-awaiting.ts';
import { listUnlinkedExternal } from '#src/mappings/list-unlinked-external.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld, storyOf } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

const importing = { autoCreateInternal: true };
const tent = { name: 'Tent', price: '80', currency: 'EUR', is_active: true };

async function waiting(channelId: string) {
	const { rows } = await listAwaiting(database.db, { channelId });
	expect((await inboxCounts(database.db, { channelId })).awaiting).toBe(rows.length);
	return rows;
}

async function importingChannel(name: string) {
	const erp = await world.addChannel(name, importing);
	await erp.run();
	return erp;
}

it('a record that cannot be one of ours as it is waits where people look, through green runs, until it is completed there', async () => {
	const erp = await importingChannel('incomplete');
	const theirs = erp.memory.add('product', { ...tent, value: 'LATER-1', name: null });
	expect(await erp.run()).toMatchObject({ state: 'partial', counts: { failed: 1 } });

	const reason = {
		message: 'The record has no Name.',
		hint: 'Complete it at the channel; it is then taken over by itself.'
	};
	for (const mode of ['incremental', 'full'] as const) {
		expect(await erp.run(mode)).toMatchObject({ state: 'succeeded' });
		expect(await waiting(erp.channelId)).toMatchObject([
			{ entity: 'product', isHeld: true, record: 'LATER-1', id: theirs, waiting: 1, ...reason }
		]);
	}
	const unlinked = await listUnlinkedExternal(database.db, { channelId: erp.channelId, entity: 'product' });
	expect(unlinked.rows).toMatchObject([{ externalId: theirs, awaiting: reason }]);

	erp.memory.edit('product', theirs, { name: 'Tent' });
	await erp.run();
	expect(await erp.links()).toMatchObject([{ externalId: theirs, status: 'in-sync' }]);
	expect(await waiting(erp.channelId)).toEqual([]);
});

it('a record whose code another one of ours has waits until its code is another one', async () => {
	const erp = await importingChannel('taken');
	const first = erp.memory.add('product', { ...tent, value: 'TAKEN-1' });
	await erp.run();
	const second = erp.memory.add('product', { ...tent, name: 'Tent, red', value: 'TAKEN-1' });
	expect(await erp.run()).toMatchObject({ state: 'partial' });
	expect(await waiting(erp.channelId)).toMatchObject([
		{ record: 'TAKEN-1 Tent, red', message: 'Our code "TAKEN-1" is in use by another record.' }
	]);

	erp.memory.edit('product', second, { value: 'TAKEN-2' });
	await erp.run();
	expect((await erp.links()).map(({ externalId }) => externalId)).toEqual([first, second]);
	expect(await waiting(erp.channelId)).toEqual([]);
});

it('what is deleted at the channel waits for nothing any more', async () => {
	const erp = await importingChannel('deleted');
	const theirs = erp.memory.add('product', { ...tent, value: 'GONE-1', name: null });
	await erp.run();
	expect(await waiting(erp.channelId)).toHaveLength(1);
	erp.memory.remove('product', theirs);
	await erp.run('full');
	expect(await waiting(erp.channelId)).toEqual([]);
});

it('a variant that is waited for is found by what its row searches for, and no name floods the list', async () => {
	const { channelId } = await importingChannel('found');
	await database.db.execute(sql`
		insert into c_channel_record (c_channel_id, entity, external_id, external_variant_id, fields)
		values (${channelId}::bigint, 'product', 'P77', 'V2', jsonb_build_object('name', repeat('long ', 100000)))`);
	await database.db.execute(sql`
		insert into sync_awaiting (c_channel_id, entity, owner, owner_id, external_variant_id, field, to_entity, side, ref_id, problem)
		values (${channelId}::bigint, 'product', 'external', 'P77', 'V2', '', 'held:product', 'external', 'P77/V2', '{"message":"m","hint":"h"}')`);
	const [row] = await waiting(channelId);
	expect(row?.record).toHaveLength(200);
	const found = await listUnlinkedExternal(database.db, { channelId, entity: 'product', q: row?.search ?? '' });
	expect(found.rows).toMatchObject([{ externalId: 'P77', variantId: 'V2' }]);
});

it('records of two entities with one id are two that wait', async () => {
	const erp = await importingChannel('one-id');
	const partners = storyOf(database.db, world.engine, erp.channelId, erp.memory, 'business-partner');
	await partners.run();
	const product = erp.memory.add('product', { ...tent, value: 'TWO-1', name: null });
	const partner = erp.memory.add('business-partner', { value: 'TWO-1', name: null, is_active: true }, { id: product });
	expect(partner).toBe(product);
	await erp.run();
	await partners.run();
	expect((await waiting(erp.channelId)).map(({ entity }) => entity)).toEqual(['business-partner', 'product']);
});
