import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { entityNamed } from '#src/entities/registry.ts';
import { linkRecords } from '#src/mappings/link-records.ts';
import { listChannels } from '#src/mappings/list-channels.ts';
import {
	addChannelEntities,
	createChannel,
	deleteChannel,
	endSetUp,
	goLive,
	recordTest
} from '#src/mappings/manage-channel.ts';
import { oldestUndelivered } from '#src/mappings/oldest-undelivered.ts';
import { preFlight } from '#src/mappings/pre-flight.ts';
import { readChannel } from '#src/mappings/read-channel.ts';
import { setUpSteps } from '#src/mappings/set-up-steps.ts';
import { undoUnlink } from '#src/mappings/undo-unlink.ts';
import { testDatabase } from './database.ts';
import { aChannel, administrator, anExternal, aProduct, aSuggestion, operator, secretKey } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

const product = entityNamed('product');
if (!product) throw new Error('no products');

const bare = async (name: string) => {
	const input = { name, connector: 'rest', settings: {}, credentials: {}, entities: [], secretKey, ...administrator };
	const made = await createChannel(db, input);
	if (!made.ok) throw new Error(made.message);
	return made.channelId;
};

test('a channel begins without records; its steps follow what happens, until it is live or put away', async () => {
	const channelId = await bare('Begun');
	const steps = () => setUpSteps(db);
	expect(await steps()).toMatchObject({ name: 'Begun', entities: [], tested: false, compared: false, live: false });
	expect(await recordTest(db, { channelId, passed: false, ...administrator })).toEqual({ ok: true });
	expect(await steps()).toMatchObject({ tested: false });
	await recordTest(db, { channelId, passed: true, ...administrator });
	expect(await steps()).toMatchObject({ tested: true });
	const entities = ['product', 'business-partner'];
	expect(await addChannelEntities(db, { channelId, entities: ['product'], ...administrator })).toEqual({
		ok: true,
		added: ['product']
	});
	expect(await addChannelEntities(db, { channelId, entities, ...administrator })).toEqual({
		ok: true,
		added: ['business-partner']
	});
	expect(await addChannelEntities(db, { channelId, entities: ['nothing'], ...administrator })).toMatchObject({
		kind: 'unknown-entity'
	});
	expect(await addChannelEntities(db, { channelId, entities: [], ...administrator })).toMatchObject({
		kind: 'invalid'
	});
	expect(await addChannelEntities(db, { channelId: '999', entities, ...administrator })).toMatchObject({
		kind: 'unknown-channel'
	});
	expect((await steps())?.entities).toHaveLength(2);
	expect((await readChannel(db, { channelId }))?.entities).toMatchObject([{ pushLive: false }, { pullLive: false }]);
	await db.execute(sql`update c_channel_entity set swept_at = now() where c_channel_id = ${channelId}::bigint`);
	const internalId = await aProduct(db, 'BEGUN');
	await aSuggestion(db, channelId, internalId, await anExternal(db, channelId, 'B1', 'BEGUN'));
	expect(await steps()).toMatchObject({ compared: true, suggestions: 1, suggestionsOf: 'product', linked: false });
	await linkRecords(db, { channelId, entity: 'product', internalId, externalId: 'B1', variantId: '', ...operator });
	expect(await steps()).toMatchObject({ suggestions: 0, suggestionsOf: null, linked: true, firstContact: null });
	await goLive(db, { channelId, entity: 'product', direction: 'pull', ...administrator });
	expect(await steps()).toBeNull();

	const other = await bare('Put away');
	expect(await endSetUp(db, { channelId: other, ...operator })).toMatchObject({ kind: 'not-allowed' });
	expect(await endSetUp(db, { channelId: other, ...administrator })).toEqual({ ok: true });
	expect(await steps()).toBeNull();
});

test('pre-flight names codes that identify nobody, records without one, and what matches nothing', async () => {
	const channelId = await aChannel(db, 'Pre-flight');
	const before = await preFlight(db, product, { channelId });
	const ids = [];
	for (const value of ['PF-1', 'PF 1', 'PF-2', 'PF-3']) ids.push(await aProduct(db, value));
	await anExternal(db, channelId, 'T1', 'PF-1');
	await anExternal(db, channelId, 'T2', 'PF-9');
	await anExternal(db, channelId, 'T3', 'pf9');
	await anExternal(db, channelId, 'T4', ' ');
	await aSuggestion(db, channelId, ids[2] ?? '', 'T1');
	const found = await preFlight(db, product, { channelId });
	expect(found).toMatchObject({ ours: before.ours + 4, theirs: 4, linked: 0, exact: 1, toReview: 0, theirsAlone: 3 });
	expect(found.oursAlone).toBe(before.oursAlone + 3);
	const [sku, gtin] = found.keys;
	expect(sku).toMatchObject({
		field: 'value',
		ours: { duplicates: 1, missing: 0, examples: ['pf1'] },
		theirs: { duplicates: 1, missing: 1, examples: ['pf9'] }
	});
	expect(gtin).toMatchObject({ field: 'gtin', ours: { duplicates: 0 }, theirs: { missing: 4 } });
});

test('a channel is deleted by its name only: links are archived for good, the journal stays, the name is free', async () => {
	const channelId = await aChannel(db, 'Doomed');
	const internalId = await aProduct(db, 'DOOM');
	await anExternal(db, channelId, 'D1');
	const linked = await linkRecords(db, {
		channelId,
		entity: 'product',
		internalId,
		externalId: 'D1',
		variantId: '',
		...operator
	});
	if (!linked.ok) throw new Error(linked.message);
	const remove = (typedName: string, who: typeof operator = administrator) =>
		deleteChannel(db, { channelId, typedName, ...who });
	expect(await remove('Doomed', operator)).toMatchObject({ kind: 'not-allowed' });
	for (const wrong of ['', 'doomed', 'Doomed 2', 'D\0', 'x'.repeat(5000)])
		expect(await remove(wrong)).toMatchObject({ kind: 'invalid', field: 'typedName' });
	expect(await readChannel(db, { channelId })).not.toBeNull();

	expect(await remove(' Doomed ')).toEqual({ ok: true, links: 1 });
	expect(await remove('Doomed')).toMatchObject({ kind: 'unknown-channel' });
	expect(await readChannel(db, { channelId })).toBeNull();
	expect((await listChannels(db)).map(({ name }) => name)).not.toContain('Doomed');
	const left = await db.execute<{ name: string; credentials: object; links: number; kept: number; known: number }>(sql`
		select c.name, c.credentials, (select count(*)::int from c_channel_map_product m where m.c_channel_id = c.id) as links,
			(select count(*)::int from sync_decision d where d.c_channel_id = c.id and d.action in ('link', 'unlink')) as kept,
			(select count(*)::int from c_channel_record r where r.c_channel_id = c.id) as known
		from c_channel c where c.id = ${channelId}::bigint`);
	expect(left).toEqual([{ name: `Doomed (deleted, ${channelId})`, credentials: {}, links: 0, kept: 2, known: 0 }]);
	const [history] = await db.execute<{ id: string }>(
		sql`select id::text as id from link_history where c_channel_id = ${channelId}::bigint`
	);
	expect(await undoUnlink(db, { historyId: history?.id ?? '', ...operator })).toMatchObject({
		kind: 'nothing-to-undo'
	});
	await aChannel(db, 'Doomed');
});

test('a channel with many links is not deleted by a page', async () => {
	const channelId = await aChannel(db, 'Full');
	await db.execute(sql`
		insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id)
		select ${channelId}::bigint, 100000 + n, 'F' || n from generate_series(1, 501) n`);
	expect(await deleteChannel(db, { channelId, typedName: 'Full', ...administrator })).toMatchObject({
		kind: 'not-allowed',
		hint: expect.stringContaining('bulk') as string
	});
});

test('lag is the age of the oldest change that is not carried over yet', async () => {
	const channelId = await aChannel(db, 'Lagging');
	const internalId = await aProduct(db, 'LAG');
	await anExternal(db, channelId, 'L1');
	expect(await oldestUndelivered(db, product, channelId)).toBeNull();
	await linkRecords(db, { channelId, entity: 'product', internalId, externalId: 'L1', variantId: '', ...operator });
	await db.execute(
		sql`update c_channel_map_product set created_at = now() - interval '3 minutes' where c_channel_id = ${channelId}::bigint`
	);
	await db.execute(sql`update c_channel_record set seen_at = now() - interval '2 minutes' where external_id = 'L1'`);
	const seconds = await oldestUndelivered(db, product, channelId);
	expect(seconds).toBeGreaterThanOrEqual(119);
	await db.execute(sql`
		update c_channel_map_product m set clean_seq = dirty_seq, internal_version = r.rev::text, external_version = 'v1' from m_product r
		where r.id = m.m_product_id and m.c_channel_id = ${channelId}::bigint`);
	await db.execute(sql`delete from sync_outbox`);
	expect(await oldestUndelivered(db, product, channelId)).toBeNull();
	await db.execute(sql`update m_product set name = 'Changed' where id = ${internalId}::bigint`);
	expect(await oldestUndelivered(db, product, channelId)).toBeLessThan(30);
});
