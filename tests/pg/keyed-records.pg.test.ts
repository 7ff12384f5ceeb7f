import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { listRecords } from '#src/mappings/list-records.ts';
import { followRename } from '#src/store/follow-rename.ts';
import { testDatabase } from './database.ts';

const { db, close } = await testDatabase();
afterAll(close);

const codeOf = async () => {
	const [row] = await db.execute<{ value: string; name: string; rev: string }>(
		sql`select value, name, rev::text as rev from m_productprice`
	);
	return row;
};

/** Until somebody waits for a lock, or `done` says that nobody will. */
async function untilLocked(done: () => boolean): Promise<void> {
	for (;;) {
		const waiting = await db.execute(
			sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
		);
		if (waiting.length > 0 || done()) return;
	}
}

test('a price that is added while its product is renamed is called by the new name', async () => {
	await db.execute(sql`insert into m_product (value, name) values ('TENT', 'Tent')`);
	await db.execute(sql`insert into m_pricelist (value, name) values ('RETAIL', 'Retail')`);
	let isAdded = false;
	let added: Promise<unknown> = Promise.resolve();
	await db.transaction(async (tx) => {
		await tx.execute(sql`update m_product set value = 'HUT', name = 'Hut'`);
		added = db
			.execute(sql`insert into m_productprice (m_product_id, m_pricelist_id, price) values (1, 1, 5)`)
			.then(() => (isAdded = true));
		await untilLocked(() => isAdded);
	});
	await added;
	expect(await codeOf()).toEqual({ value: 'HUT @ RETAIL', name: 'Hut', rev: '1' });
});

test('renaming what it points to is no change of a price: no revision, no time, no hint', async () => {
	await db.execute(sql`delete from sync_outbox`);
	await db.execute(sql`update m_pricelist set value = 'SALE'`);
	await db.execute(sql`update m_product set value = 'TARP', name = 'Tarp'`);
	expect(await codeOf()).toEqual({ value: 'TARP @ SALE', name: 'Tarp', rev: '1' });
	expect(await db.execute(sql`select 1 from sync_outbox where entity = 'product-price'`)).toHaveLength(0);
	await db.execute(sql`update m_productprice set value = 'mine', name = 'mine', price = 6`);
	expect(await codeOf()).toEqual({ value: 'TARP @ SALE', name: 'Tarp', rev: '2' });
	const [row] = await db.execute<{ changed: object }>(sql`select changed from m_productprice`);
	expect(Object.keys(row?.changed ?? {})).toEqual(['price']);
});

test('what is available follows from on hand, reserved and buffer, whoever writes them', async () => {
	await db.execute(sql`insert into m_warehouse (value, name) values ('MAIN', 'Main')`);
	const availableAfter = async (statement: ReturnType<typeof sql>) => {
		await db.execute(statement);
		const [row] = await db.execute<{ available: string }>(sql`select available::text as available from m_stock`);
		return row?.available;
	};
	const insert = sql`insert into m_stock (m_product_id, m_warehouse_id, on_hand, available) values (1, 1, 10, 99)`;
	expect(await availableAfter(insert)).toBe('10.000000');
	expect(await availableAfter(sql`update m_stock set reserved = 12, buffer = 0.5`)).toBe('-2.500000');
	expect(await availableAfter(sql`update m_stock set available = 7`)).toBe('-2.500000');
});

test('a list of prices, of stock or of orders shows what a person looks for there', async () => {
	await db.execute(sql`delete from m_stock`);
	await db.execute(
		sql`insert into m_stock (m_product_id, m_warehouse_id, on_hand, reserved, unit) values (1, 1, 9, 2, 'piece')`
	);
	await db.execute(
		sql`insert into c_order (value, name, ordered_at, status, total) values ('SO-1', 'Anna', '2026-11-29T08:00:00Z', 'open', 12.5)`
	);
	const listed = async (entity: string) => (await listRecords(db, { entity })).rows.map((row) => row.listed);
	expect(await listed('product-price')).toEqual([{ price: '6.000000' }]);
	expect(await listed('stock-level')).toEqual([{ on_hand: '9.000000', available: '7.000000', unit: 'piece' }]);
	expect(await listed('sales-order')).toEqual([
		{ ordered_at: '2026-11-29T08:00:00.000000Z', status: 'open', total: '12.500000', currency: null }
	]);
	expect(await listed('product')).toEqual([{}]);
});

test('a list with many prices is renamed at once; its prices follow in slices, also where it is renamed again meanwhile', async () => {
	await db.execute(sql`insert into m_pricelist (value, name) values ('LONG', 'Long')`);
	await db.execute(
		sql`insert into m_product (value, name) select 'N-' || n, 'Product' from generate_series(1, 2500) n`
	);
	await db.execute(sql`
		insert into m_productprice (m_product_id, m_pricelist_id, price)
		select p.id, l.id, 1 from m_product p, m_pricelist l where p.value like 'N-%' and l.value = 'LONG'`);
	const following = async (code: string) => {
		const [row] = await db.execute<{ prices: number }>(
			sql`select count(*)::int as prices from m_productprice where value like '% @ ' || ${code}::text`
		);
		return row?.prices;
	};
	await db.execute(sql`update m_pricelist set value = 'LONGER' where value = 'LONG'`);
	expect(await following('LONGER')).toBe(1000);
	expect(await followRename(db)).toBe(true);
	await db.execute(sql`update m_pricelist set value = 'LONGEST' where value = 'LONGER'`);
	while (await followRename(db));
	expect(await following('LONGEST')).toBe(2500);
	expect(await db.execute(sql`select 1 from sync_rename`)).toHaveLength(0);
});
