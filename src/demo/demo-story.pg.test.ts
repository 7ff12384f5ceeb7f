import { sql } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { unseal } from '#src/db/seal.ts';
import { connectors } from '#src/engine/connectors/registry.ts';
import type { Transport } from '#src/engine/connectors/transport.ts';
import { createEngine } from '#src/engine/create-engine.ts';
import { guideSteps } from '#src/mappings/guide-steps.ts';
import { listAwaiting } from '#src/mappings/list-awaiting.ts';
import { createStore } from '#src/store/store.ts';
import { testDatabase } from '../../tests/pg/database.ts';
import { createErp } from './erp/create-erp.ts';
import { createErpStore } from './erp/erp-store.ts';
import { createFaults } from './erp/faults.ts';
import { importBody } from './import-body.ts';
import { insertStory } from './insert-story.ts';
import { nordhangStory } from './story/story.ts';

const { db, close } = await testDatabase();
afterAll(close);

const secretKey = 'a secret key of the demo test, long enough';
const erp = { url: 'http://erp.example', key: 'erp-key' };
const shop = { url: 'http://shop.example', key: 'shop-key' };
const nowMs = () => performance.timeOrigin + performance.now();

/** The two demo channels, reached without a network. */
const channels = {
	'erp.example': channelOf('erp', erp.key),
	'shop.example': channelOf('shop', shop.key)
} as const;

function channelOf(kind: 'erp' | 'shop', key: string) {
	const store = createErpStore({ nowMs, wholeSeconds: kind === 'shop' });
	const faults = createFaults(nowMs);
	return { store, faults, app: createErp({ kind, store, nowMs, key, faults }) };
}

const transport: Transport = async ({ method, url, headers, body }) => {
	const { app } = channels[new URL(url).hostname as keyof typeof channels];
	const response = await app.request(url, { method, ...(headers && { headers }), ...(body !== undefined && { body }) });
	return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
};

const engine = createEngine({
	clock: {
		nowMs,
		monotonicMs: () => performance.now(),
		sleep: (ms, signal) => sleep(ms, undefined, { signal }) as Promise<void>
	},
	random: { number: Math.random, uuid: randomUUID },
	transport,
	connectors,
	queue: { send: async () => undefined, work: async () => undefined, stop: async () => undefined },
	store: createStore(db),
	unseal: (sealed, channelId, field) => unseal(secretKey, sealed, channelId, field),
	log: { info: () => undefined, warn: () => undefined, error: (...what) => console.error(...what) },
	workerId: 'demo-test'
});

async function runAll(mode: 'incremental' | 'full' = 'incremental') {
	const entities = await db.execute<{ id: string; entity: string }>(
		sql`select c_channel_id::text as id, entity from c_channel_entity order by 1, 2`
	);
	const ends: string[] = [];
	for (const { id, entity } of entities) {
		const { runId } = await engine.requestRun({ channelId: id, entity, mode, startedBy: 'test' });
		await engine.performRun(runId, new AbortController().signal);
		const [run] = await db.execute<{ state: string; problem: unknown }>(
			sql`select state, problem from sync_run where id = ${runId}::bigint`
		);
		ends.push(`${entity} ${run?.state} ${run?.problem ? JSON.stringify(run.problem) : ''}`.trim());
	}
	return ends;
}

async function linksByStatus() {
	const rows = await db.execute<{ row: string }>(sql`
		select c.name || ' ' || m.entity || ' ' || m.status || ' ' || count(*) as row
		from (select c_channel_id, 'product' as entity, status from c_channel_map_product
			union all select c_channel_id, 'business-partner', status from c_channel_map_bpartner
			union all select c_channel_id, 'product-category', status from c_channel_map_product_category
			union all select c_channel_id, 'warehouse', status from c_channel_map_warehouse
			union all select c_channel_id, 'price-list', status from c_channel_map_pricelist
			union all select c_channel_id, 'product-price', status from c_channel_map_productprice
			union all select c_channel_id, 'stock-level', status from c_channel_map_stock
			union all select c_channel_id, 'sales-order', status from c_channel_map_order) m
		join c_channel c on c.id = m.c_channel_id group by c.name, m.entity, m.status order by 1`);
	return rows.map(({ row }) => row);
}

async function counts() {
	const [row] = await db.execute(sql`
		select (select count(*)::int from sync_conflict where state = 'open') as conflicts,
			(select string_agg(field, ' ' order by field) from sync_conflict where state = 'open' and entity = 'product') as fields,
			(select count(*)::int from c_channel_suggestion where entity = 'product' and score = 100) as exact,
			(select count(*)::int from c_channel_suggestion where entity = 'product' and score < 100 and not ambiguous) as probable,
			(select count(*)::int from c_channel_suggestion where entity = 'product' and ambiguous) as ambiguous,
			(select count(*)::int from c_channel_suggestion where entity = 'business-partner') as partners,
			(select count(*)::int from c_channel_record r join c_channel c on c.id = r.c_channel_id where c.name = 'ERP' and entity = 'product') as known,
			(select count(*)::int from c_channel_record r join c_channel c on c.id = r.c_channel_id
				where c.name = 'ERP' and entity = 'product' and r.deleted_at is null
					and not exists (select 1 from c_channel_map_product m where m.c_channel_id = c.id and m.external_product_id = r.external_id)) as unlinked`);
	return row;
}

const expectedLinks = [
	'ERP business-partner conflict 2',
	'ERP business-partner in-sync 42',
	'ERP business-partner orphan 1',
	'ERP business-partner quarantined 1',
	'ERP price-list in-sync 2',
	'ERP product conflict 6',
	'ERP product in-sync 190',
	'ERP product orphan 2',
	'ERP product quarantined 2',
	'ERP product-category in-sync 6',
	'ERP product-price in-sync 24',
	'ERP stock-level in-sync 8',
	'ERP warehouse in-sync 2',
	'Shop product in-sync 120',
	'Shop sales-order in-sync 2',
	'Shop stock-level in-sync 8',
	'Shop warehouse in-sync 1'
];
/** Orders come by themselves, with the first run. */
const linksBefore = expectedLinks.filter((row) => !row.includes('sales-order'));
const expectedCounts = {
	conflicts: 8,
	fields: 'description gtin name name price price',
	exact: 24,
	probable: 6,
	ambiguous: 2,
	partners: 9,
	known: 236,
	unlinked: 36
};

test('the story is in place before the engine ran, and the engine comes to the same by itself, twice', async () => {
	const story = nordhangStory(Date.now());
	for (const [host, name] of [
		['erp.example', 'ERP'],
		['shop.example', 'Shop']
	] as const) {
		const { key } = name === 'ERP' ? erp : shop;
		const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
		const reply = await channels[host].app.request('/admin/import', {
			method: 'PUT',
			headers,
			body: importBody(story, name)
		});
		expect(reply.status).toBe(200);
	}
	expect(await insertStory(db, { story, secretKey, erp, shop })).toBe(true);
	expect(await insertStory(db, { story, secretKey, erp, shop })).toBe(false);
	expect(await linksByStatus()).toEqual(linksBefore);
	expect(await counts()).toEqual(expectedCounts);

	const [order] = await db.execute<{ sorted: boolean }>(sql`
		select bool_and(step.ok) as sorted from (select started_at >= lag(started_at) over (order by id) as ok from sync_run) step`);
	expect(order?.sorted).toBe(true);
	const [first] = await db.execute<{ rev: string }>(sql`select sum(rev)::text as rev from m_product`);
	expect(await runAll()).toEqual([
		'business-partner partial',
		'price-list succeeded',
		'product partial',
		'product-category succeeded',
		'product-price succeeded',
		'stock-level succeeded',
		'warehouse succeeded',
		...['product', 'sales-order', 'stock-level', 'warehouse'].map((entity) => `${entity} succeeded`)
	]);
	expect(await linksByStatus()).toEqual(expectedLinks);
	expect(await counts()).toEqual(expectedCounts);

	expect(await runAll()).toEqual([
		'business-partner succeeded',
		'price-list succeeded',
		'product succeeded',
		'product-category succeeded',
		'product-price succeeded',
		'stock-level succeeded',
		'warehouse succeeded',
		...['product', 'sales-order', 'stock-level', 'warehouse'].map((entity) => `${entity} succeeded`)
	]);
	expect(await linksByStatus()).toEqual(expectedLinks);
	expect(await counts()).toEqual(expectedCounts);
	const [last] = await db.execute<{ rev: string }>(sql`select sum(rev)::text as rev from m_product`);
	expect(last).toEqual(first);
	const writes = Object.values(channels).flatMap(({ store }) =>
		store.logSince(0).filter(({ method }) => method === 'PATCH' || method === 'POST')
	);
	expect(writes).toEqual([]);
});

test('the guided path is ticked by what happens, by nothing of the story, and nowhere but in the demo', async () => {
	const at = { erpUrl: erp.url, shopUrl: shop.url };
	const ticked = async () => (await guideSteps(db, at))?.steps.flatMap(({ name, done }) => (done ? [name] : []));
	expect(await guideSteps(db, { ...at, shopUrl: 'http://another.example' })).toBeNull();
	expect(await ticked()).toEqual([]);

	const { store, faults } = channels['erp.example'];
	const guide = await guideSteps(db, at);
	const [first] = guide?.products ?? [];
	const product = store.get('products', first?.externalId ?? '');
	expect(product?.values['sku']).toBe(first?.value);
	if (product) store.update('products', product, { price: '71.50' });
	await runAll();
	await runAll();
	expect(await ticked()).toEqual(['edit-in-erp']);

	faults.start('empty-listing');
	expect(await runAll('full')).toContainEqual(expect.stringMatching(/^product held .*left out 2\d\d of 2\d\d known/));
	faults.end('empty-listing');
	expect(await linksByStatus()).toEqual(expectedLinks);
	expect(await ticked()).toEqual(['edit-in-erp', 'empty-listing']);
});

test('an order of the Shop waits for a product and comes once that is linked, one is held until it adds up, and our state goes there', async () => {
	const { store } = channels['shop.example'];
	const awaiting = async () => (await listAwaiting(db, {})).rows.map(({ message }) => message);
	expect(await awaiting()).toEqual([
		expect.stringMatching(/^Lines .+ but the order's total is \d+\.\d\d\.$/),
		'Waits for product SHOP-9001 to be linked in Shop.'
	]);
	await db.execute(sql`
		insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id)
		select c.id, (select m.m_product_id from c_channel_map_product m where m.external_product_id = '1121'), '79001'
		from c_channel c where c.name = 'Shop'`);
	const [wrong, paid] = [store.get('orders', '90005')!, store.get('orders', '90003')!];
	store.update('orders', wrong, { total: (Number(wrong.values['total']) - 0.1).toFixed(2) });
	await db.execute(sql`update c_order set status = 'shipped' where value = ${paid.values['code']}`);
	await runAll();
	await runAll();
	expect(await awaiting()).toEqual([]);
	expect(await linksByStatus()).toContain('Shop sales-order in-sync 4');
	const orders = await db.execute<{ value: string }>(sql`select value from c_order order by value`);
	expect(orders.map(({ value }) => value)).toEqual(['S-5002', 'S-5003', 'S-5004', 'S-5005']);
	expect(store.get('orders', '90003')?.values['state']).toBe('shipped');
});

test('a lost reply waits for the product that it is meant for: that one is found again and linked, others are created meanwhile', async () => {
	const { store, faults } = channels['erp.example'];
	await db.execute(sql`
		insert into sync_installation (id, key, system_identifier, database_name, origin) values (1, 'dem0', '1', 'test', 'test') on conflict do nothing`);
	await db.execute(sql`
		update c_channel_entity e set auto_create_external = true from c_channel c
		where c.id = e.c_channel_id and c.name = 'ERP' and e.entity = 'product'`);
	await db.execute(
		sql`insert into m_product (value, name, price) values ('A-FIRST', 'Gaiters', 1), ('B-MEANT', 'Sundial', 2)`
	);
	faults.start('lose-reply', 'b-meant');
	const made = async () => [
		...(await db.execute(sql`
			select m.id::text as link, r.value, d.action from c_channel_map_product m join m_product r on r.id = m.m_product_id
			join sync_decision d on d.link_id = m.id and d.entity = 'product' and d.action in ('adopt', 'create-external')
			where r.value in ('A-FIRST', 'B-MEANT') order by r.value`))
	];
	for (let runs = 0; runs < 4 && (await made()).length < 2; runs++) {
		await runAll();
		// What was on its way has landed by now.
		await db.execute(
			sql`update sync_intent set retry_at = null, claimed_until = null, sent_at = sent_at - interval '1 hour'`
		);
	}
	const [first, meant] = await made();
	expect(first).toMatchObject({ value: 'A-FIRST', action: 'create-external' });
	expect(meant).toMatchObject({ value: 'B-MEANT', action: 'adopt' });
	expect(faults.on('lose-reply')).toBe(false);
	expect(store.all('products').filter(({ values }) => /^(A-FIRST|B-MEANT)$/.test(String(values['sku'])))).toHaveLength(
		2
	);
	const guide = await guideSteps(db, { erpUrl: erp.url, shopUrl: shop.url });
	expect(guide?.steps.find(({ name }) => name === 'lost-reply')).toMatchObject({ done: true, linkId: meant?.['link'] });
});
