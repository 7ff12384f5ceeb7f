import { afterAll, beforeAll, expect, it } from 'vitest';
import { sql } from 'drizzle-orm';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
let number = 0;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

const mug = { name: 'Mug', description: null, gtin: null, price: '5', currency: 'EUR', weight: '1', is_active: true };

/** A channel that takes webhooks, with one linked pair that agrees. */
async function announcingChannel(set: Parameters<typeof world.addChannel>[1] = {}) {
	number += 1;
	const shop = await world.addChannel(`hooks-${number}`, set);
	await database.db.execute(
		sql`insert into c_channel_webhook (c_channel_id, secret, changed_by) values (${shop.channelId}::bigint, 'sealed', 'test')`
	);
	const fields = { ...mug, value: `MUG-${number}` };
	const internalId = await shop.addInternal(fields);
	const externalId = shop.memory.add('product', fields);
	const linkId = await shop.link(internalId, externalId);
	await shop.run('full');
	return {
		shop,
		internalId,
		externalId,
		linkId,
		/** The channel says that these records changed; the run that this asks for is performed. */
		async announce(...ids: string[]) {
			const named = ids.map((id) => ({ entity: 'product', externalId: id, variantId: '' }));
			const taken = await world.store.acceptWebhook({ channelId: shop.channelId, hookId: null, named, unnamed: [] });
			for (const { runId } of taken.runs) await world.engine.performRun(runId, new AbortController().signal);
			return taken;
		},
		calls: (method: string) => shop.memory.calls().filter((call) => call.method === method).length
	};
}

it('an announced edit is taken over from a read of its own, without a scan', async () => {
	const { shop, internalId, externalId, announce, calls } = await announcingChannel();
	shop.memory.edit('product', externalId, { price: '7' });
	const [lists, changes] = [calls('list'), calls('changes')];
	await announce(externalId);
	expect((await shop.internal(internalId))?.['price']).toBe('7.000000');
	expect([calls('list'), calls('changes')]).toEqual([lists, changes]);
});

it('announced though nothing changed: nothing is written on either side, however often', async () => {
	const { shop, externalId, announce } = await announcingChannel();
	const writes = shop.memory.writes().length;
	for (let n = 0; n < 3; n++) await announce(externalId, externalId, 'E-unknown');
	expect(shop.memory.writes()).toHaveLength(writes);
	expect(await shop.links()).toMatchObject([{ status: 'in-sync' }]);
	expect(await shop.links()).toHaveLength(1);
});

it('a new record is matched, not created twice, and stays away where it is set aside', async () => {
	const { shop, announce } = await announcingChannel({ autoCreateInternal: true });
	const fresh = shop.memory.add('product', { ...mug, value: `NEW-${number}` });
	await announce(fresh);
	await announce(fresh);
	expect(await shop.links()).toHaveLength(2);
	const aside = shop.memory.add('product', { ...mug, value: `ASIDE-${number}` });
	await database.db.execute(sql`
		insert into c_channel_exclusion (c_channel_id, entity, kind, external_id, created_by) values (${shop.channelId}::bigint, 'product', 'record', ${aside}, 'test')`);
	const reads = shop.memory.calls().filter(({ ids }) => ids.includes(aside)).length;
	await announce(aside);
	expect(shop.memory.calls().filter(({ ids }) => ids.includes(aside))).toHaveLength(reads);
	expect(await shop.links()).toHaveLength(2);
});

it('a deletion is believed after two reads, not because it was announced', async () => {
	const { shop, linkId, externalId, announce } = await announcingChannel();
	await announce(externalId);
	expect(await shop.linkState(linkId)).toMatchObject({ status: 'in-sync' });
	shop.memory.remove('product', externalId);
	await announce(externalId);
	expect(await shop.linkState(linkId)).toMatchObject({ status: 'orphan' });
});

it('edits on both sides at once end as they would after a scan: the older one is kept in the journal', async () => {
	const { shop, internalId, externalId, announce } = await announcingChannel({
		policy: { conflict: 'external-wins' }
	});
	await shop.editInternal(internalId, { name: 'Ours' });
	shop.memory.edit('product', externalId, { name: 'Theirs' });
	await announce(externalId);
	expect((await shop.internal(internalId))?.['name']).toBe('Theirs');
	expect(JSON.stringify(await shop.journal())).toContain('"lost":"Ours"');
});
