import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { parseLines } from '#src/sync/order-lines.ts';
import { testDatabase } from './database.ts';

const { db, close } = await testDatabase();
afterAll(close);

const orderNow = async () => {
	const [row] = await db.execute<{ lines: string | null; rev: string; changed: object }>(
		sql`select lines, rev::text as rev, changed from c_order`
	);
	const lines = parseLines(row?.lines ?? null)?.map(({ line, text, quantity }) => [line, text, quantity]);
	return { lines, rev: row?.rev, changed: Object.keys(row?.changed ?? {}) };
};
const rowsNow = async () => [
	...(await db.execute<{ id: string; line: number; text: string | null; quantity: string }>(sql`
		select id::text as id, line, description as text, trim_scale(quantity)::text as quantity from c_orderline order by line`))
];
const write = (lines: object[] | null) => db.execute(sql`update c_order set lines = ${lines && JSON.stringify(lines)}`);

test('the rows of an order follow its list; one that stays keeps its id', async () => {
	const list = JSON.stringify([{ text: 'Tent', quantity: '2.50' }, { text: 'Rope' }]);
	await db.execute(sql`insert into c_order (value, lines) values ('1001', ${list})`);
	const [tent, rope] = await rowsNow();
	expect([tent?.text, tent?.quantity, rope?.text]).toEqual(['Tent', '2.5', 'Rope']);
	await write([
		{ line: '1', text: 'Tent', quantity: '3' },
		{ line: '7', text: 'Pegs', quantity: '1' }
	]);
	const after = await rowsNow();
	expect(after.map(({ line, text, quantity }) => [line, text, quantity])).toEqual([
		[1, 'Tent', '3'],
		[7, 'Pegs', '1']
	]);
	expect(after[0]?.id).toBe(tent?.id);
});

test('the same list in another spelling is no change', async () => {
	const before = await orderNow();
	await write([
		{ line: 7, text: 'Pegs', quantity: '1.000' },
		{ line: '1', text: 'Tent', quantity: '3.0', nonsense: 'x' }
	]);
	expect(await orderNow()).toEqual(before);
});

test('whoever writes a row changes its order, and the engine is told', async () => {
	const { rev } = await orderNow();
	await db.execute(sql`delete from sync_outbox`);
	await db.execute(sql`update c_orderline set quantity = 4 where line = 7`);
	await db.execute(
		sql`insert into c_orderline (c_order_id, line, description, quantity) select id, 9, 'Bag', 1 from c_order`
	);
	await db.execute(sql`delete from c_orderline where line = 1`);
	expect(await orderNow()).toEqual({
		lines: [
			['7', 'Pegs', '4'],
			['9', 'Bag', '1']
		],
		rev: String(Number(rev) + 3),
		changed: ['lines']
	});
	expect(await db.execute(sql`select 1 from sync_outbox where entity = 'sales-order'`)).toHaveLength(3);
});

test('a list that is none is refused, and an order takes its rows with it', async () => {
	await expect(write([{ quantity: 'many' }])).rejects.toThrow();
	await expect(write([{ line: 1 }, { line: '1' }])).rejects.toThrow();
	await db.execute(sql`delete from c_order`);
	expect(await rowsNow()).toEqual([]);
});
