import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { product } from '#src/entities/product/index.ts';
import { drainOutbox } from '#src/store/drain-outbox.ts';
import { takeHints } from '#src/store/take-hints.ts';
import { testDatabase, type TestDatabase } from './database.ts';
import { aChannel, aProduct } from './people.ts';

let database: TestDatabase;
let channelId: string;

beforeAll(async () => {
	database = await testDatabase();
	channelId = await aChannel(database.db);
});
afterAll(() => database.close());

/** A table that the planner takes for one of a single row is where it may ask for the rows to take once for each row. */
async function knownWithOneRow(table: 'sync_outbox' | 'sync_hint', fill: () => Promise<void>) {
	await fill();
	await database.db.execute(
		sql`delete from ${sql.identifier(table)} where ctid <> (select min(ctid) from ${sql.identifier(table)})`
	);
	await database.db.execute(sql`vacuum analyze ${sql.identifier(table)}`);
	await fill();
}

async function rows(table: 'sync_outbox' | 'sync_hint'): Promise<number> {
	const [row] = await database.db.execute<{ rows: number }>(
		sql`select count(*)::int as rows from ${sql.identifier(table)}`
	);
	return row?.rows ?? 0;
}

it('no more changes of ours are taken than asked for, whatever the planner knows of their number', async () => {
	let made = 0;
	await knownWithOneRow('sync_outbox', async () => {
		for (let n = 0; n < 5; n++) await aProduct(database.db, `B-${++made}`);
	});
	const waiting = await rows('sync_outbox');
	expect(await drainOutbox(database.db, { entity: product, limit: 2 })).toBe(2);
	expect(await rows('sync_outbox')).toBe(waiting - 2);
});

it('no more hints are taken than asked for, whatever the planner knows of their number', async () => {
	let made = 0;
	await knownWithOneRow('sync_hint', async () => {
		for (let n = 0; n < 5; n++)
			await database.db.execute(
				sql`insert into sync_hint (c_channel_id, entity, external_id) values (${channelId}::bigint, 'product', ${`E${++made}`})`
			);
	});
	const waiting = await rows('sync_hint');
	expect((await takeHints(database.db, { channelId, entity: product, limit: 2 })).taken).toBe(2);
	expect(await rows('sync_hint')).toBe(waiting - 2);
});
