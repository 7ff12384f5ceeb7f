import { afterAll, beforeAll, expect, test } from 'vitest';
import { asKept } from '#src/entities/record-source.ts';
import { entityOf } from '#src/source/descriptor.ts';
import type { Entity } from '#src/entities/entity.ts';
import { listRecords } from '#src/mappings/list-records.ts';
import { listUnlinkedInternal } from '#src/mappings/list-unlinked-internal.ts';
import { matchCode } from '#src/sync/match-code.ts';
import { createWorld } from '../scenarios/world.ts';
import { articles, asTheirs, hostDatabase, type Channel, type Host } from './host-articles.ts';
import { watchedPlans } from './watched-plans.ts';

/** Rows of the other application's table: SOURCE_ROWS of them, for who wants to see a million. */
const rows = Number(process.env['SOURCE_ROWS'] ?? '20000');
const links = 300;
const codes = ['A-0000001', 'A-0000777'].map((code) => matchCode(code) ?? '');

let host: Host;
let watched: ReturnType<typeof watchedPlans>;
let erp: Channel;
let product: Entity;
let middle: string;

beforeAll(async () => {
	host = await hostDatabase();
	watched = watchedPlans(host.url, 'articles');
	erp = await (await createWorld(watched.db)).addChannel('ERP');
	// Every fourth is of another company, and no record.
	await host.sql`
		INSERT INTO host.articles (sku, title, list_price, company)
		SELECT 'A-' || lpad(n::text, 7, '0'), 'Trail lamp ' || n, 5 + n % 400, CASE WHEN n % 4 = 3 THEN 8 ELSE 7 END
		FROM generate_series(1, ${rows}::int) n`;
	const source = articles();
	product = asKept(entityOf(source), { customFields: [], source });
	await host.plan(source);
	await host.sql`VACUUM ANALYZE`;
	const some = await host.sql<{ no: string; sku: string; title: string; price: string }[]>`
		SELECT article_no::text AS no, sku, title, list_price::text AS price FROM host.articles WHERE company = 7 ORDER BY article_no DESC LIMIT ${links}`;
	for (const { no, sku, title, price } of some)
		await erp.link(no, erp.memory.add('product', { ...asTheirs, value: sku, name: title, price }));
	middle = String(1000 + Math.floor(rows / 2));
	await erp.run('full');
	watched.lookedAt();
}, 1_800_000);
afterAll(async () => {
	await watched?.close();
	await host?.close();
});

const at = () => ({ channelId: erp.channelId, entity: 'product' });
const last = () => String(1000 + rows - 10);

const reads: [what: string, most: number, () => Promise<unknown>][] = [
	['the first page in the order of keys', 140, () => product.store.scan(watched.db, '0', 100)],
	['a page in the middle', 140, () => product.store.scan(watched.db, middle, 100)],
	['the last page', 140, () => product.store.scan(watched.db, last(), 100)],
	['records by their keys', 3, () => product.store.read(watched.db, ['1001', middle, last()])],
	['records by their codes', 3, () => product.store.findByCode(watched.db, 'value', codes)],
	['the first page of the list', 140, () => listRecords(watched.db, { entity: 'product' })],
	[
		'the second page of the list',
		280,
		async () => {
			const { next } = await listRecords(watched.db, { entity: 'product' });
			return listRecords(watched.db, { entity: 'product', cursor: next });
		}
	],
	['a record searched by its code', 20, () => listRecords(watched.db, { entity: 'product', q: 'A-0000777' })],
	['a page of records without a link', 280, () => listUnlinkedInternal(watched.db, at())]
];

test.each(reads)('%s: no statement looks at more than %i rows of the table', async (_what, most, read) => {
	await read();
	const asked = watched.lookedAt();
	expect(asked, 'the plans are told').not.toEqual([]);
	expect(asked.filter((one) => one.rows > most)).toEqual([]);
});

test('a cycle of a hundred changes looks at rows by the hundred, a complete comparison too', async () => {
	await host.sql`
		UPDATE host.articles SET list_price = list_price + 1 WHERE article_no IN (
			SELECT m_product_id FROM c_channel_map_product ORDER BY id LIMIT 100)`;
	expect(await erp.run()).toMatchObject({ state: 'succeeded', counts: { pushed: 100 } });
	const cycle = watched.lookedAt();
	expect(await erp.run('full')).toMatchObject({ state: 'succeeded' });
	const full = watched.lookedAt();
	expect(cycle.length).toBeGreaterThan(0);
	expect(full.length).toBeGreaterThan(0);
	expect([...cycle, ...full].filter((one) => one.rows > links + 200)).toEqual([]);
});
