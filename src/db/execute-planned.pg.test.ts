import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../tests/pg/database.ts';
import { connect } from './client.ts';
import { executePlanned } from './execute-planned.ts';

const database = await testDatabase();
const { db, close } = connect(database.url, { max: 1 });
afterAll(async () => {
	await close();
	await database.close();
});

const nameOf = (id: number) => sql`select name from planned where id = ${id}::int`;
const kept = async () => {
	const rows = await db.execute<{ statement: string; plans: number }>(sql`
		select statement, (generic_plans + custom_plans)::int as plans from pg_prepared_statements where statement like '%from planned%'`);
	return [...rows];
};

test('a statement is kept by its connection, with whatever values it is asked', async () => {
	await db.execute(sql`create table planned (id int primary key, name varchar(10))`);
	await db.execute(sql`insert into planned values (1, 'one'), (2, 'two')`);
	expect(await executePlanned(db, nameOf(1))).toEqual([{ name: 'one' }]);
	expect(await executePlanned(db, nameOf(2))).toEqual([{ name: 'two' }]);
	expect(await executePlanned(db, nameOf(3))).toEqual([]);
	expect(await kept()).toEqual([{ statement: 'select name from planned where id = $1::int', plans: 3 }]);
});

test('it is answered still after its table became another one', async () => {
	await db.execute(sql`alter table planned alter column name type text, add column more int`);
	expect(await executePlanned(db, nameOf(2))).toEqual([{ name: 'two' }]);
	await db.execute(sql`alter table planned rename to host`);
	await db.execute(sql`create view planned as select id, name || '!' as name from host`);
	expect(await executePlanned(db, nameOf(2))).toEqual([{ name: 'two!' }]);
});

test('in a transaction nothing is kept, so that a table that became another one breaks nothing off', async () => {
	const { length } = await kept();
	const more = sql`select id, name from planned where id = ${1}::int`;
	const found = await db.transaction(async (tx) => {
		const before = await executePlanned(tx, more);
		await tx.execute(sql`drop view planned`);
		await tx.execute(sql`create table planned (id int, name int)`);
		return [before, await executePlanned(tx, more)];
	});
	expect(found).toEqual([[{ id: 1, name: 'one!' }], []]);
	expect(await kept()).toHaveLength(length);
});
