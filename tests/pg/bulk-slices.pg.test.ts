import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Db, Transaction } from '#src/db/client.ts';
import type { BulkSelection } from '#src/db/schema/bulk.ts';
import { performBulkBatch } from '#src/store/bulk/perform-bulk-batch.ts';
import { startBulkJob, startUndoJob } from '#src/store/bulk/start-bulk-job.ts';
import { testDatabase } from './database.ts';
import { aChannel } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

const ann = { actor: { name: 'ann@example.org' }, via: 'web' as const };
let channels = 0;
let channelId: string;
beforeEach(async () => {
	channelId = await aChannel(db, `Channel ${++channels}`);
});

/** Links of new products with a name, and what the channel showed of them; their ids in order. */
async function links(run: Transaction, count: number, name: string): Promise<string[]> {
	const rows = await run.execute<{ id: string }>(sql`
		with p as (
			insert into m_product (value, name) select ${`${channels}-${name}-`}::text || n, ${name} from generate_series(1, ${count}::int) n returning id
		), seen as (
			insert into c_channel_record (c_channel_id, entity, external_id, fields) select ${channelId}::bigint, 'product', 'X' || id, '{}' from p
		)
		insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id) select ${channelId}::bigint, id, 'X' || id from p
		returning id::text as id`);
	return rows.map(({ id }) => id).toSorted((a, b) => Number(a) - Number(b));
}

async function started(run: Transaction, expected: number, part: Partial<BulkSelection> = {}): Promise<string> {
	const selection = { status: null, q: '', uptoId: '999999999', exceptIds: [], ...part };
	const job = await startBulkJob(run as Db, {
		...ann,
		channelId,
		entity: 'product',
		kind: 'unlink',
		selection,
		expected
	});
	if (!job.ok) throw new Error(job.message);
	return job.jobId;
}

async function startedUndo(run: Transaction, jobId: string): Promise<string> {
	const job = await startUndoJob(run as Db, { ...ann, jobId });
	if (!job.ok) throw new Error(job.message);
	return job.jobId;
}

const slice = (run: Transaction, jobId: string, limit: number, ahead: readonly string[] = []) =>
	performBulkBatch(run as Db, { jobId, limit, may: () => true, ahead });

/** Rows of a table that this transaction read and wrote so far. */
async function touched(tx: Transaction, table: string): Promise<{ read: number; written: number }> {
	const [row] = await tx.execute<{ read: number; written: number }>(sql`
		select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read, (n_tup_ins + n_tup_upd + n_tup_del)::int as written
		from pg_stat_xact_user_tables where relname = ${table}`);
	return row ?? { read: 0, written: 0 };
}

const linked = async () => {
	const rows = await db.execute<{ id: string }>(
		sql`select id::text as id from c_channel_map_product where c_channel_id = ${channelId}::bigint order by c_channel_map_product.id`
	);
	return rows.map(({ id }) => id);
};

test('a slice looks up its own exclusions, however many there are and before anything is known of the table', async () => {
	await db.transaction(async (tx) => {
		await links(tx, 520, 'Young');
		const jobId = await started(tx, 520);
		await slice(tx, jobId, 500);
		const before = await touched(tx, 'c_channel_exclusion');
		await slice(tx, jobId, 20);
		expect((await touched(tx, 'c_channel_exclusion')).read - before.read).toBeLessThan(500);
	});
});

test('links that come back to a table which was counted while it was empty are looked up one by one, too', async () => {
	await db.transaction(async (tx) => {
		await links(tx, 1100, 'Back');
		const jobId = await started(tx, 1100);
		const { ahead } = await slice(tx, jobId, 1100);
		await slice(tx, jobId, 1, ahead);
		await tx.execute(sql`delete from c_channel_map_product`);
		await tx.execute(sql`analyze c_channel_map_product`);
		const undoId = await startedUndo(tx, jobId);
		const before = await touched(tx, 'c_channel_map_product');
		expect(await slice(tx, undoId, 1000)).toMatchObject({ over: false });
		expect(await slice(tx, undoId, 100)).toMatchObject({ over: false });
		expect((await touched(tx, 'c_channel_map_product')).read - before.read).toBeLessThan(20_000);
	});
});

test('records of links that end are not put among the free ones to be taken out again', async () => {
	await db.transaction(async (tx) => {
		await links(tx, 20, 'Ended');
		const jobId = await started(tx, 20);
		const before = await Promise.all(
			['sync_unlinked_internal', 'sync_unlinked_external'].map((name) => touched(tx, name))
		);
		await slice(tx, jobId, 20);
		const after = await Promise.all(
			['sync_unlinked_internal', 'sync_unlinked_external'].map((name) => touched(tx, name))
		);
		expect(after.map(({ written }) => written)).toEqual(before.map(({ written }) => written));
	});
});

test('a job searches once for many slices', async () => {
	await links(db, 400, 'Lamp');
	await db.transaction(async (tx) => {
		const jobId = await started(tx, 400, { q: 'lamp' });
		const { ahead } = await slice(tx, jobId, 20);
		expect(ahead).toHaveLength(380);
		const before = await touched(tx, 'm_product');
		const next = await slice(tx, jobId, 20, ahead);
		expect(next).toMatchObject({ over: false, ahead: ahead.slice(20) });
		expect((await touched(tx, 'm_product')).read - before.read).toBeLessThan(400);
	});
});

test('a link that stopped matching after the search is left alone, and the job goes on behind it', async () => {
	const ids = await links(db, 60, 'Lamp');
	const jobId = await started(db, 60, { q: 'lamp' });
	const { ahead } = await slice(db, jobId, 10);
	// A whole slice of them, and some in the middle of the next one.
	const renamed = [...ids.slice(10, 20), ...ids.slice(25, 28)];
	await db.execute(sql`
		update m_product set value = 'S' || id, name = 'Stove' where id in (
			select m_product_id from c_channel_map_product where id = any(${`{${renamed.join(',')}}`}::bigint[]))`);
	const next = await slice(db, jobId, 10, ahead);
	expect(await linked()).toEqual([...ids.slice(10, 20), ...ids.slice(25, 28), ...ids.slice(30)]);
	// Whoever knows an older state of the job does nothing twice.
	let last = await slice(db, jobId, 10, ahead);
	expect(last.ahead.length).toBeLessThan(next.ahead.length);
	while (!last.over) last = await slice(db, jobId, 10, last.ahead);
	expect(last.state).toBe('succeeded');
	expect(await linked()).toEqual(renamed);
});
