import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countWaiting } from '#src/mappings/inbox-counts.ts';
import type { Page, PageInput } from '#src/mappings/keyset.ts';
import { listLinks } from '#src/mappings/list-links.ts';
import { listRecords } from '#src/mappings/list-records.ts';
import { searchEverything } from '#src/mappings/search-everything.ts';
import { testDatabase } from './database.ts';
import { aChannel } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

/**
 * More than a search looks through first. Every one has "common" in its name, every 40th "frequent", every 2,000th
 * "seldom", the last 2,100 "late": what is met at once, soon, by its index, and by its index in great number.
 */
const records = 4200;
const wordsOf = (n: number) =>
	['common', n % 40 === 0 && 'frequent', n % 2000 === 0 && 'seldom', n > records - 2100 && 'late'].filter(Boolean);
const code = (n: number) => `P-${String(n).padStart(5, '0')}`;
const all = Array.from({ length: records }, (_, index) => ({ n: index + 1, words: wordsOf(index + 1) }));
let channelId: string;

beforeAll(async () => {
	channelId = await aChannel(db);
	const rows = JSON.stringify(all.map(({ n, words }) => ({ value: code(n), name: words.join(' ') })));
	await db.execute(sql`
		insert into m_product (value, name) select r ->> 'value', r ->> 'name' from jsonb_array_elements(${rows}::text::jsonb) r order by 1`);
	await db.execute(sql`
		insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id, status)
		select ${channelId}::bigint, id, 'X' || value, case when id % 2 = 0 then 'in-sync' else 'pending' end from m_product order by id`);
	// Some records have two links there.
	await db.execute(sql`update c_channel_entity set allow_secondary = true`);
	await db.execute(sql`
		insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id, status, is_primary)
		select ${channelId}::bigint, id, 'Y' || value, 'pending', false from m_product where name like '%frequent%' order by id desc`);
	await db.execute(sql`analyze`);
}, 120_000);

type CodePage = Page<{ value: string | null }>;

/** The codes on every page of a list forwards, which are the same ones backwards. */
async function codesOf(list: (input: PageInput) => Promise<CodePage>, limit = 200): Promise<unknown[]> {
	const codes = (page: CodePage) => page.rows.map(({ value }) => value);
	const pages = [await list({ limit })];
	for (let next = pages[0]?.next; next; next = pages.at(-1)?.next) pages.push(await list({ limit, cursor: next }));
	for (let at = pages.length - 1; at > 0; at--) {
		const before = await list({ limit, cursor: pages[at]?.previous ?? null });
		expect(codes(before)).toEqual(codes(pages[at - 1] as CodePage));
	}
	return pages.flatMap(codes);
}

test('what no text of ours can hold is not searched for', async () => {
	expect((await listRecords(db, { entity: 'product', q: '\0late', limit: 5 })).rows).toHaveLength(5);
	expect((await listLinks(db, { channelId, entity: 'product', q: '\0late', limit: 5 })).rows).toHaveLength(5);
});

test.each(['common', 'frequent', 'seldom', 'late', 'late frequent', 'SELDOM ommo', 'nowhere', 'late nowhere'])(
	'%s: every record with all words is found once, in the order of its list',
	async (q) => {
		const wanted = q.toLowerCase().split(' ');
		const hits = all.filter(({ words }) => wanted.every((word) => words.join(' ').includes(word)));
		const codes = hits.map(({ n }) => code(n));
		expect(await codesOf((input) => listRecords(db, { ...input, entity: 'product', q }))).toEqual(codes);
		const links = { channelId, entity: 'product', q };
		const linked = hits.flatMap(({ n, words }) => (words.includes('frequent') ? [code(n), code(n)] : [code(n)]));
		// Of pages as long as this, some end between two links of a record.
		expect(await codesOf((input) => listLinks(db, { ...input, ...links }), 41)).toEqual(linked);
		const inSync = await codesOf((input) => listLinks(db, { ...input, ...links, status: 'in-sync' }));
		const pending = await codesOf((input) => listLinks(db, { ...input, ...links, status: 'pending' }));
		expect([...inSync, ...pending].toSorted()).toEqual(linked);
		const found = await searchEverything(db, { q });
		expect(found.records.map(({ value }) => value)).toEqual(codes.slice(0, 20));
	}
);

test('what waits is counted no further than the menu shows', async () => {
	await db.execute(sql`update c_channel_map_product set status = 'failed' where is_primary and id % 3 = 0`);
	expect(await countWaiting(db, 100_000)).toBe(records / 3);
	expect(await countWaiting(db, 1000)).toBe(1000);
});
