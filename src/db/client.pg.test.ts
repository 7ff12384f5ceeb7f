import { spawnSync } from 'node:child_process';
import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../tests/pg/database.ts';
import { connect } from './client.ts';
import { migrate } from './migrate.ts';

const database = await testDatabase();
afterAll(database.close);

test('timestamps arrive in UTC with their microseconds', async () => {
	const [row] = await database.db.execute<{ moment: string }>(
		sql`select '2026-03-04 05:06:07.123456+02'::timestamptz as moment`
	);
	expect(row?.moment).toBe('2026-03-04 03:06:07.123456+00');
});

test('works on after the server ended its connections', async () => {
	const { db, close } = connect(database.url, { max: 1 });
	const [own] = await db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
	await database.db.execute(sql`select pg_terminate_backend(${own?.pid})`);
	await expect.poll(() => db.execute(sql`select 1`).catch(() => []), { timeout: 5000 }).toHaveLength(1);
	await close();
});

test('a transaction whose connection the server ends fails, and neither the process nor the connection is lost', async () => {
	const script = spawnSync(process.execPath, ['tests/pg/interrupted-transactions.ts'], {
		env: { ...process.env, DATABASE_URL: database.url },
		encoding: 'utf8',
		timeout: 40_000
	});
	expect(script.stderr.slice(-2000)).toBe('');
	expect(script.stdout.trim().split('\n')).toEqual(Array(3).fill('failed, works on'));
}, 60_000);

test('a transaction that waits for too long is broken off, and the rows it locked are free', async () => {
	const script = spawnSync(process.execPath, ['tests/pg/idle-transaction.ts'], {
		env: { ...process.env, DATABASE_URL: database.url },
		encoding: 'utf8',
		timeout: 40_000
	});
	expect(script.stderr.slice(-2000)).toBe('');
	expect(script.stdout.trim().split('\n')).toEqual(['broken off, 3', 'works on']);
}, 60_000);

test('migrates a database that does not exist yet, also when two start at once', async () => {
	const url = new URL(database.url);
	url.pathname += '_fresh';
	await Promise.all([migrate(url.href), migrate(url.href)]);
	const { db, close } = connect(url.href, { max: 1 });
	const tables = await db.execute(sql`select 1 from pg_tables where tablename = 'c_channel_map_product'`);
	await close();
	await database.db.execute(sql`drop database ${sql.identifier(url.pathname.slice(1))}`);
	expect(tables).toHaveLength(1);
});

test('says what is wrong when the server refuses the password or does not answer', async () => {
	const refused = new URL(database.url);
	refused.password = 'wrong';
	await expect(migrate(refused.href)).rejects.toMatchObject({ kind: 'forbidden' });
	await expect(migrate('postgres://nobody:x@127.0.0.1:1/x')).rejects.toMatchObject({
		kind: 'unreachable',
		message: 'no database server answers at 127.0.0.1:1 (ECONNREFUSED)'
	});
});
