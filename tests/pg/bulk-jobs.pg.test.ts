import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Role } from '#src/auth/roles.ts';
import { createBulkQueue, prepareBulkQueue } from '#src/engine/bulk/bulk-queue.ts';
import { workOnBulkJobs, type BulkPorts } from '#src/engine/bulk/perform-bulk-job.ts';
import { openBoss } from '#src/engine/queue/open-boss.ts';
import { mayDoInBulk } from '#src/mappings/bulk-rights.ts';
import { activeBulkJobs, listBulkItems, listBulkJobs, readBulkJob } from '#src/mappings/list-bulk-jobs.ts';
import { previewBulkJob } from '#src/mappings/preview-bulk-job.ts';
import { cancelBulkJob, startBulkJob, undoBulkJob, type BulkStart } from '#src/mappings/start-bulk-job.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { performBulkBatch } from '#src/store/bulk/perform-bulk-batch.ts';
import { readStrandedBulkJobs } from '#src/store/bulk/stranded-bulk-jobs.ts';
import { testDatabase } from './database.ts';
import { aChannel, as, operator } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

const silent = { info: () => {}, warn: () => {}, error: () => {} };
let channels = 0;
let series = 0;
let channelId: string;

beforeAll(async () => {
	for (const role of ['viewer', 'operator', 'administrator'])
		await db.execute(
			sql`insert into auth_user (id, name, email, role) values (${role}, ${role}, ${`${role}@example.org`}, ${role})`
		);
});
beforeEach(async () => {
	channelId = await aChannel(db, `Channel ${++channels}`);
});

/** So many links of the channel, in sync; ids in the order in which they were made. */
async function links(count: number): Promise<string[]> {
	const rows = await db.execute<{ id: string }>(sql`
		with p as (
			insert into m_product (value, name) select 'B' || ${++series}::int || '-' || n, case when n % 2 = 0 then 'Even ' else 'Odd ' end || n
			from generate_series(1, ${count}::int) n returning id
		)
		insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id, status, base_internal, base_external, clean_seq)
		select ${channelId}::bigint, id, 'X' || id, 'in-sync', '{"price":"1"}', '{"price":"1"}', 1 from p returning id::text as id`);
	return rows.map(({ id }) => id).sort((a, b) => Number(a) - Number(b));
}

const all = { status: null, q: '', uptoId: '999999999', exceptIds: [] };
const start = (job: Partial<BulkStart> & { expected: number }, role: Role = 'operator') =>
	startBulkJob(db, {
		channelId,
		entity: 'product',
		kind: 'unlink',
		selection: all,
		typed: String(job.expected),
		...job,
		...as(role)
	});

async function started(job: Partial<BulkStart> & { expected: number }): Promise<string> {
	const result = await start(job);
	if (!result.ok) throw new Error(result.message);
	return result.jobId;
}

const slice = (jobId: string, limit = 100) => performBulkBatch(db, { jobId, limit, may: mayDoInBulk });
async function finish(jobId: string, limit = 100) {
	while (!(await slice(jobId, limit)).over);
	return readBulkJob(db, { id: jobId });
}
const linked = async () => {
	const [row] = await db.execute<{ n: number }>(
		sql`select count(*)::int as n from c_channel_map_product where c_channel_id = ${channelId}::bigint`
	);
	return row?.n;
};

test('up to 200 links are ended while the person waits, and come back by one more call', async () => {
	const ids = await links(30);
	const result = await start({ selection: { linkIds: ids.slice(0, 20) }, expected: 20 });
	expect(result).toMatchObject({ ok: true, over: true, state: 'succeeded' });
	expect(await linked()).toBe(10);
	const jobId = result.ok ? result.jobId : '';
	expect(await readBulkJob(db, { id: jobId })).toMatchObject({ done: 20, left: [], undoable: true, filter: null });
	expect(await undoBulkJob(db, { jobId, ...operator })).toMatchObject({ ok: true, over: true, state: 'succeeded' });
	expect(await linked()).toBe(30);
	expect(await readBulkJob(db, { id: jobId })).toMatchObject({ undoable: false });
	expect(await undoBulkJob(db, { jobId, ...operator })).toMatchObject({ ok: false, kind: 'nothing-to-undo' });
});

test('more is typed, stored for the engine, and done in slices that go on where a killed process stopped', async () => {
	await links(450);
	expect(await start({ expected: 450, typed: '45' })).toMatchObject({ ok: false, kind: 'invalid', field: 'typed' });
	const jobId = await started({ expected: 450 });
	expect(await linked()).toBe(450);
	await slice(jobId);
	// What a process holds when it is killed is rolled back whole.
	const broken = db.transaction(async (tx) => {
		await performBulkBatch(tx as unknown as typeof db, { jobId, limit: 100, may: mayDoInBulk });
		throw new Error('killed');
	});
	await expect(broken).rejects.toThrow('killed');
	expect(await linked()).toBe(350);
	expect(await activeBulkJobs(db)).toMatchObject([{ id: jobId, done: 100, expected: 450 }]);
	// Two processes at once share the rest.
	const [one, other] = await Promise.all([finish(jobId), finish(jobId)]);
	expect(one ?? other).toMatchObject({ done: 450 });
	expect(await linked()).toBe(0);
	expect(await readBulkJob(db, { id: jobId })).toMatchObject({ state: 'succeeded', done: 450, undoable: true });
	const [history] = await db.execute<{ n: number; links: number }>(
		sql`select count(*)::int as n, count(distinct link_id)::int as links from link_history where bulk_job_id = ${jobId}::bigint`
	);
	expect(history).toEqual({ n: 450, links: 450 });
});

test('a cancelled job keeps what it did, and that can be undone', async () => {
	await links(300);
	const jobId = await started({ expected: 300 });
	await slice(jobId);
	expect(await cancelBulkJob(db, { jobId, ...operator })).toEqual({ ok: true });
	expect(await finish(jobId)).toMatchObject({ state: 'cancelled', done: 100, undoable: true });
	expect(await linked()).toBe(200);
	await undoBulkJob(db, { jobId, ...operator });
	expect(await linked()).toBe(300);
	const queued = await started({ expected: 300 });
	await cancelBulkJob(db, { jobId: queued, ...operator });
	expect(await finish(queued)).toMatchObject({ state: 'cancelled', done: 0 });
});

test('nothing is done where more than 5 % joined since the person looked, and a link made later is never touched', async () => {
	const ids = await links(300);
	await db.execute(
		sql`update c_channel_map_product set status = 'orphan' where id = any(${`{${ids.slice(0, 250).join(',')}}`}::bigint[])`
	);
	const orphans = { ...all, status: 'orphan' };
	const jobId = await started({ selection: orphans, expected: 250 });
	await db.execute(sql`update c_channel_map_product set status = 'orphan' where c_channel_id = ${channelId}::bigint`);
	expect(await finish(jobId)).toMatchObject({ state: 'failed', done: 0, problem: { kind: 'grown' } });
	expect(await start({ selection: orphans, expected: 250 })).toMatchObject({ ok: false, kind: 'stale' });
	const upto = await started({ selection: { ...orphans, uptoId: ids.at(-1) ?? '' }, expected: 300 });
	await links(1);
	await finish(upto);
	expect(await linked()).toBe(1);
});

test('a person who lost the right meanwhile gets nothing more done', async () => {
	await links(300);
	const jobId = await started({ expected: 300 });
	await slice(jobId);
	await db.execute(sql`update auth_user set role = 'viewer' where id = 'operator'`);
	try {
		expect(await finish(jobId)).toMatchObject({ state: 'partial', done: 100, problem: { kind: 'not-allowed' } });
	} finally {
		await db.execute(sql`update auth_user set role = 'operator' where id = 'operator'`);
	}
});

test('rows left out and what a search finds are as in the list', async () => {
	const ids = await links(20);
	const even = { ...all, q: 'even', exceptIds: ids.slice(0, 4) };
	const entity = entityNamed('product');
	if (!entity) throw new Error('no product');
	const preview = await previewBulkJob(db, { entity, channelId, kind: 'unlink', selection: even });
	expect(preview).toEqual({ links: 8, rows: [{ status: 'in-sync', links: 8, included: true }], tooMany: false });
	await start({ selection: even, expected: 8 });
	expect(await linked()).toBe(12);
	const counted = await previewBulkJob(db, {
		entity,
		channelId,
		kind: 'retry',
		selection: { ...all, exceptIds: ids.slice(0, 1) }
	});
	expect(counted).toMatchObject({ links: 0, rows: [{ status: 'in-sync', links: 11, included: false }] });
});

test('what stands in the way of coming back is told link by link', async () => {
	const [, linkId = '', goneId = ''] = await links(5);
	const rows = await db.execute<{ id: string; m_product_id: string; external_product_id: string }>(
		sql`select id::text as id, m_product_id::text, external_product_id from c_channel_map_product where c_channel_id = ${channelId}::bigint`
	);
	const of = (id: string) => rows.find((row) => row.id === id) ?? rows[0];
	const jobId = await started({ expected: 5 });
	await db.execute(sql`
		insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id) values (${channelId}::bigint, ${of(linkId)?.m_product_id}::bigint, 'another')`);
	await db.execute(sql`delete from m_product where id = ${of(goneId)?.m_product_id}::bigint`);
	const undone = await undoBulkJob(db, { jobId, ...operator });
	expect(undone).toMatchObject({ ok: true, over: true, state: 'partial' });
	const undoId = undone.ok ? undone.jobId : '';
	const job = await readBulkJob(db, { id: undoId });
	expect(job).toMatchObject({ done: 3, undoesId: jobId });
	expect(job?.left).toEqual(
		expect.arrayContaining([
			{ cause: 'record-gone', links: 1 },
			{ cause: 'internal-linked', links: 1 }
		])
	);
	const items = await listBulkItems(db, { jobId: undoId, entity: 'product' });
	expect(items.rows.map(({ linkId: id, cause }) => [id, cause])).toEqual([
		[linkId, 'internal-linked'],
		[goneId, 'record-gone']
	]);
	// What stood in the way can go: the rest comes back by a second undo.
	await db.execute(sql`delete from c_channel_map_product where external_product_id = 'another'`);
	await undoBulkJob(db, { jobId, ...operator });
	expect(await linked()).toBe(4);
});

test('sending and receiving need their direction live', async () => {
	await links(2);
	expect(await start({ kind: 'push', expected: 2 })).toMatchObject({ ok: false, kind: 'not-allowed' });
	expect(await start({ kind: 'pull', expected: 2 })).toMatchObject({ ok: false, kind: 'not-allowed' });
});

test('a change there that was seen and not taken gives way to ours, and one that nobody saw does not', async () => {
	const [seenId = '', unseenId = ''] = await links(2);
	await db.execute(sql`update c_channel_entity set push_live = true where c_channel_id = ${channelId}::bigint`);
	await db.execute(sql`
		insert into c_channel_record (c_channel_id, entity, external_id, fields)
		select ${channelId}::bigint, 'product', external_product_id, '{"price":"7"}' from c_channel_map_product where id = ${seenId}::bigint`);
	await start({ kind: 'push', expected: 2 });
	const rows = await db.execute<{ id: string; base: unknown; dirty: boolean }>(sql`
		select id::text as id, base_external ->> 'price' as base, dirty_seq > clean_seq as dirty from c_channel_map_product
		where c_channel_id = ${channelId}::bigint order by c_channel_map_product.id`);
	expect([...rows]).toEqual([
		{ id: seenId, base: '7', dirty: true },
		{ id: unseenId, base: '1', dirty: true }
	]);
	const [entry] = await db.execute<{ changes: unknown }>(
		sql`select changes from sync_decision where link_id = ${seenId}::bigint and action = 'resolve'`
	);
	expect(entry?.changes).toMatchObject([{ field: 'price', side: 'external', before: '7', lost: '7', rule: 'person' }]);
});

test('a viewer and whoever sends what no page of ours does is refused, and nothing happens', async () => {
	const ids = await links(3);
	const chosen = { selection: { linkIds: ids }, expected: 3 };
	expect(await start(chosen, 'viewer')).toMatchObject({ ok: false, kind: 'not-allowed' });
	expect(await undoBulkJob(db, { jobId: '1', ...as('viewer') })).toMatchObject({ ok: false, kind: 'not-allowed' });
	expect(await cancelBulkJob(db, { jobId: '1', ...as('viewer') })).toMatchObject({ ok: false, kind: 'not-allowed' });
	const hostile: Partial<BulkStart>[] = [
		{ selection: { linkIds: ['1; drop table c_channel'] } },
		{ selection: { linkIds: [] } },
		{ selection: { ...all, status: "in-sync' or true --" } },
		{ selection: { ...all, uptoId: '-1' } },
		{ selection: { ...all, exceptIds: ['}'] } },
		{ selection: { ...all, q: 'a\0b' } },
		{ entity: 'c_channel' },
		{ channelId: '999999' },
		{ expected: 0 },
		{ expected: 1.5 }
	];
	for (const part of hostile) expect((await start({ ...chosen, ...part })).ok, JSON.stringify(part)).toBe(false);
	// A link of another channel is not one of this one.
	const other = await aChannel(db, 'Another one');
	expect(await start({ ...chosen, channelId: other })).toMatchObject({ ok: false, kind: 'stale' });
	expect(await linked()).toBe(3);
	expect(await undoBulkJob(db, { jobId: '999999', ...operator })).toMatchObject({ ok: false, kind: 'nothing-to-undo' });
});

test('the engine finds a wide job by itself, performs it and has the links compared', async () => {
	const ids = await links(250);
	await db.execute(
		sql`update c_channel_map_product set status = 'failed' where id = any(${`{${ids.join(',')}}`}::bigint[])`
	);
	const jobId = await started({ kind: 'retry', expected: 250 });
	expect(await readStrandedBulkJobs(db)).toEqual([{ jobId, silentSince: null }]);
	const ending = new AbortController();
	const clock = {
		nowMs: () => 0,
		monotonicMs: () => performance.now(),
		sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.min(ms, 100)))
	};
	const boss = openBoss({ databaseUrl: database.url, clock, log: silent });
	await boss.start();
	await prepareBulkQueue(boss);
	const requestRun = vi.fn(async () => ({ runId: '1' }));
	const ports: BulkPorts = {
		clock,
		log: silent,
		engine: { requestRun },
		queue: createBulkQueue(boss, ending.signal),
		performBatch: (input) => performBulkBatch(db, input),
		readStranded: () => readStrandedBulkJobs(db)
	};
	const working = workOnBulkJobs(ports, ending.signal);
	await vi.waitFor(() => expect(requestRun).toHaveBeenCalled(), { timeout: 10_000, interval: 50 });
	ending.abort();
	await working;
	await boss.stop({ graceful: true, timeout: 2000 });
	expect(await readBulkJob(db, { id: jobId })).toMatchObject({ state: 'succeeded', done: 250 });
	expect(requestRun).toHaveBeenCalledWith({
		channelId,
		entity: 'product',
		startedBy: 'operator@example.org',
		mode: 'incremental'
	});
	const page = await listBulkJobs(db, { limit: 1 });
	expect(page.rows).toMatchObject([{ id: jobId, kind: 'retry', filter: { status: null, q: '' } }]);
});
