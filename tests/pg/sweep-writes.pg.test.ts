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
	// Where somebody on the server looked at what was there before, its room is not free yet: then it is tried anew.
	const moved = async () => {
		await db.execute(sql`truncate c_channel_record`);
		await listing();
		const before = await places();
		await listing();
		await listing();
		return (await places()).filter((place) => !before.includes(place));
	};
	await expect.poll(moved, { timeout: 60_000 }).toEqual([]);
});
