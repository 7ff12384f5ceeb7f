import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { inboxCounts, countWaiting } from '#src/mappings/inbox-counts.ts';
import { listChannels } from '#src/mappings/list-channels.ts';
import { setUpSteps } from '#src/mappings/set-up-steps.ts';
import { unlinkedCounts } from '#src/mappings/unlinked-counts.ts';
import { compactLinkCounts } from '#src/store/compact-link-counts.ts';
import { testDatabase } from './database.ts';
import { aChannel } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

const insert = (channelId: string, entity: string, from: number, to: number) =>
	db.execute(sql`
		insert into c_channel_suggestion (c_channel_id, entity, internal_id, external_id, score, evidence)
		select ${channelId}::bigint, ${entity}, n, 'x' || n, 60, '[]' from generate_series(${from}::int, ${to}::int) n
		on conflict (internal_id, c_channel_id, entity, external_id, external_variant_id) do update set score = excluded.score`);

test('the counts of suggestions are those of the rows, wherever they are shown', async () => {
	const [erp, shop] = [await aChannel(db, 'ERP'), await aChannel(db, 'Shop')];
	const real = async (where = sql`true`) => {
		const [row] = await db.execute<{ n: number }>(
			sql`select count(*)::int as n from c_channel_suggestion where ${where}`
		);
		return row?.n ?? 0;
	};
	const counted = async () => {
		const all = await real();
		expect((await inboxCounts(db)).suggestions).toBe(all);
		expect(await countWaiting(db, 100_000)).toBe(all);
		for (const { id, entities } of await listChannels(db)) {
			for (const { entity, suggestions } of entities) {
				const here = await real(sql`c_channel_id = ${id}::bigint and entity = ${entity}`);
				expect(suggestions).toBe(Math.min(10_000, here));
				const at = { channelId: id, entity };
				expect((await unlinkedCounts(db, at)).suggestions).toBe(Math.min(10_000, here));
				expect((await unlinkedCounts(db, { ...at, exact: true })).suggestions).toBe(here);
			}
			const ofChannel = await real(sql`c_channel_id = ${id}::bigint`);
			expect((await setUpSteps(db, { channelId: id }))?.suggestions).toBe(Math.min(10_000, ofChannel));
		}
		return all;
	};
	expect(await counted()).toBe(0);
	await insert(erp, 'product', 1, 300);
	await insert(erp, 'business-partner', 1, 20);
	await insert(shop, 'product', 1, 10_050);
	expect(await counted()).toBe(10_370);
	// Some are there already: they change, and no more of them wait.
	await insert(erp, 'product', 250, 310);
	await db.execute(sql`update c_channel_suggestion set best = false where internal_id % 3 = 0`);
	expect(await counted()).toBe(10_380);
	await db.execute(sql`delete from c_channel_suggestion where internal_id % 7 = 0`);
	await counted();
	await Promise.all([
		compactLinkCounts(db),
		db.execute(sql`delete from c_channel_suggestion where internal_id % 11 = 0`),
		insert(shop, 'business-partner', 1, 40),
		compactLinkCounts(db)
	]);
	await counted();
	await compactLinkCounts(db);
	const rows = await db.execute(sql`select 1 from sync_suggestion_count`);
	expect(rows).toHaveLength(4);
	await db.execute(sql`delete from c_channel_suggestion`);
	expect(await counted()).toBe(0);
	await compactLinkCounts(db);
	expect(await db.execute(sql`select 1 from sync_suggestion_count`)).toHaveLength(0);
});
