import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { product } from '#src/entities/product/index.ts';
import { createStore } from '#src/store/store.ts';
import { testDatabase } from './database.ts';
import { aChannel } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

/** Pages of the table where the channel's records lie, by record. */
const places = async () => {
	const rows = await db.execute<{ id: string; page: string }>(sql`
		select external_id as id, split_part(trim('()' from ctid::text), ',', 1) as page from c_channel_record order by external_id`);
	return rows.map(({ id, page }) => `${id} in ${page}`);
};

/**
 * How often tables were analyzed or vacuumed, once nobody does: whoever looks at the database meanwhile keeps the dead rows
 * whose room is wanted again.
 */
async function maintained(): Promise<number> {
	const working = async () => {
		const rows = await db.execute(sql`
			select 1 from pg_stat_activity where datname = current_database() and backend_type = 'autovacuum worker'`);
		return rows.length;
	};
	await expect.poll(working, { timeout: 30_000 }).toBe(0);
	const [row] = await db.execute<{ times: number }>(sql`
		select sum(analyze_count + autoanalyze_count + vacuum_count + autovacuum_count)::int as times from pg_stat_all_tables`);
	return row?.times ?? 0;
}

test('a complete listing that shows nothing new leaves every record in its page, so that no index is written', async () => {
	const channelId = await aChannel(db);
	const records = Array.from({ length: 300 }, (_, n) => ({
		externalId: `E${String(n).padStart(4, '0')}`,
		variantId: '',
		fields: { value: `SKU-${n}`, name: `Trail lamp of the number ${n}`, price: '9.5' },
		version: 'v1',
		stamp: '2026-01-01T00:00:00.000000Z',
		reference: null,
		url: null,
		matchKeys: [`value=sku${n}`]
	}));
	const store = createStore(db);
	const listing = async () => {
		for (let at = 0; at < records.length; at += 100) {
			const page = records.slice(at, at + 100);
			await store.recordPage({ channelId, entity: product, records: page, complete: true, cursor: null, run: null });
		}
	};
	await listing();
	for (let times = await maintained(), again = true; again;) {
		const before = await places();
		await listing();
		await listing();
		const after = await places();
		const since = await maintained();
		again = since !== times;
		if (!again) expect(after).toEqual(before);
		times = since;
	}
});
