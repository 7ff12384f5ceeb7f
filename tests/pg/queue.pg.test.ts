import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Log } from '#src/engine/ports.ts';
import { openBoss } from '#src/engine/queue/open-boss.ts';
import { createPgBossQueue, prepareRunQueue } from '#src/engine/queue/pg-boss-queue.ts';
import { testDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
const stops: (() => Promise<void>)[] = [];
const clock = { monotonicMs: () => performance.now() };
const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };
const within = (timeout: number) => ({ timeout, interval: 50 });

beforeAll(async () => {
	database = await testDatabase();
});
afterEach(async () => {
	await Promise.all(stops.splice(0).map((stop) => stop()));
});
afterAll(() => database.close());

async function openQueue(log: Log = silent) {
	const boss = openBoss({ clock, databaseUrl: database.url, log, applicationName: 'queue under test' });
	await boss.start();
	await prepareRunQueue(boss);
	const queue = createPgBossQueue(boss);
	stops.push(() => queue.stop(1000));
	return queue;
}

describe('the queue of runs', () => {
	it('hands each run to one of two workers, once, however often it is sent', async () => {
		const [first, second] = [await openQueue(), await openQueue()];
		const taken: string[] = [];
		const handler = async ({ runId }: { runId: string }) => void taken.push(runId);
		const ids = ['1', '2', '3', '4', '5', '6'];
		for (const runId of ids) await Promise.all([first.send({ runId }), second.send({ runId })]);
		await Promise.all([first.work(handler), second.work(handler)]);
		await vi.waitFor(() => expect(taken.toSorted()).toEqual(ids), within(5000));
	});

	it('lets a run send itself again while it is handled, and waits as long as asked', async () => {
		const queue = await openQueue();
		const taken: number[] = [];
		await queue.work(async ({ runId }) => {
			taken.push(performance.now());
			if (taken.length === 1) await queue.send({ runId }, { afterMs: 700 });
		});
		await queue.send({ runId: '20' });
		await vi.waitFor(() => expect(taken).toHaveLength(2), within(5000));
		expect((taken[1] ?? 0) - (taken[0] ?? 0)).toBeGreaterThan(650);
	});

	it('delivers a run again whose handler failed, and one that was interrupted by the end of its process', async () => {
		const ending = await openQueue();
		const tries: string[] = [];
		await ending.work(async ({ runId }, signal) => {
			tries.push(`first ${runId}`);
			if (runId === '30') throw new Error('no');
			await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
		});
		await ending.send({ runId: '31' });
		await vi.waitFor(() => expect(tries).toContain('first 31'), within(5000));
		await ending.stop(2000);
		const next = await openQueue();
		await next.send({ runId: '30' });
		await next.work(async ({ runId }) => void tries.push(`second ${runId}`));
		await vi.waitFor(() => expect(tries).toEqual(expect.arrayContaining(['second 31', 'second 30'])), within(8000));
	});

	it('gives the run of a killed process to another worker at once where it is known to be silent, else within 13 s', async () => {
		const queue = await openQueue();
		const child = spawn(process.execPath, ['tests/pg/hanging-worker.ts'], {
			env: { ...process.env, DATABASE_URL: database.url },
			stdio: ['ignore', 'pipe', 'inherit']
		});
		const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
		expect((await lines.next()).value).toBe('ready');
		await queue.send({ runId: '40' });
		expect((await lines.next()).value).toBe('took 40');
		const taken: string[] = [];
		await queue.work(async ({ runId }) => void taken.push(runId));
		const exit = once(child, 'exit');
		child.kill('SIGKILL');
		await exit;
		for (let seen = 0; seen < 2; seen++) await queue.send({ runId: '40' }, { silentSince: 'its last beat' });
		await vi.waitFor(() => expect(taken).toEqual(['40']), within(3000));
		await vi.waitFor(() => expect(taken).toEqual(['40', '40']), within(14_000));
	}, 30_000);

	it('outlives the loss of every connection', async () => {
		const problems: string[] = [];
		const queue = await openQueue({ ...silent, warn: (_, detail) => void problems.push(String(detail?.['problem'])) });
		const taken: string[] = [];
		await queue.work(async ({ runId }) => void taken.push(runId));
		await database.db.execute(sql`
			select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'queue under test'`);
		await vi.waitFor(() => queue.send({ runId: '50' }), within(5000));
		await vi.waitFor(() => expect(taken).toContain('50'), within(5000));
	});
});
