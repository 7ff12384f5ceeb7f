import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunRequest } from '#src/engine/engine.ts';
import type { Clock, Log } from '#src/engine/ports.ts';
import { openBoss } from '#src/engine/queue/open-boss.ts';
import { createTickJobs, prepareTickQueue } from '#src/engine/schedule/tick-jobs.ts';
import { runScheduler } from '#src/engine/schedule/scheduler.ts';
import { readSchedule, readSchedules, readStrandedRuns } from '#src/store/read-schedules.ts';
import { defaultPolicy, type Schedule } from '#src/sync/policy.ts';
import { testDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
let stops: (() => Promise<void>)[] = [];
let requested: (RunRequest & { at: number })[] = [];
let resent: string[] = [];
const log: Log = { info: () => {}, warn: () => {}, error: () => {} };
const clock: Clock = {
	nowMs: () => performance.timeOrigin + performance.now(),
	monotonicMs: () => performance.now(),
	sleep: (ms, signal) => sleep(ms, undefined, { signal }) as Promise<void>
};
const within = (timeout: number) => ({ timeout, interval: 25 });

beforeAll(async () => {
	database = await testDatabase();
});
beforeEach(() => {
	requested = [];
	resent = [];
});
afterEach(async () => {
	await Promise.all(stops.map((stop) => stop()));
	stops = [];
	await database.db.execute(sql`delete from sync_run`);
	await database.db.execute(sql`delete from c_channel_entity`);
	await database.db.execute(sql`delete from pgboss.job`);
});
afterAll(() => database.close());

/** One engine process, as far as its schedule goes. */
async function replica() {
	const { db, url } = database;
	const boss = openBoss({ clock, databaseUrl: url, log, applicationName: 'schedule under test' });
	await boss.start();
	await prepareTickQueue(boss);
	const ending = new AbortController();
	const engine = {
		requestRun: async (request: RunRequest) => {
			requested.push({ ...request, at: performance.now() });
			return { runId: '1' };
		}
	};
	const loop = runScheduler(
		{
			clock,
			log,
			engine,
			queue: { send: async ({ runId }) => void resent.push(runId) },
			jobs: createTickJobs(boss),
			readSchedules: () => readSchedules(db),
			readSchedule: (key) => readSchedule(db, key),
			readStrandedRuns: () => readStrandedRuns(db)
		},
		ending.signal
	);
	stops.push(async () => {
		ending.abort();
		await loop;
		await boss.stop({ timeout: 1000 });
	});
}

async function addChannel(schedule: Schedule): Promise<string> {
	const [channel] = await database.db.execute<{ id: string }>(sql`
		insert into c_channel (name, connector) values (gen_random_uuid()::text, 'memory') returning id::text as id`);
	const id = channel?.id ?? '';
	await database.db.execute(sql`
		insert into c_channel_entity (c_channel_id, entity, policy, schedule, swept_at)
		values (${id}::bigint, 'product', ${JSON.stringify(defaultPolicy)}::text::jsonb, ${JSON.stringify(schedule)}::text::jsonb, now())`);
	return id;
}

const runsOf = (channelId: string) => requested.filter((request) => request.channelId === channelId);
const waitingTicks = async () => {
	const [row] = await database.db.execute<{ n: number }>(
		sql`select count(*)::int as n from pgboss.job where name = 'sync-schedule' and state < 'completed'`
	);
	return row?.n;
};

describe('schedules', () => {
	it('make one tick over two engines, in step with the interval', async () => {
		const channelId = await addChannel({ everySeconds: 2 });
		await Promise.all([replica(), replica()]);
		await vi.waitFor(() => expect(runsOf(channelId).length).toBeGreaterThanOrEqual(3), within(9000));
		const at = runsOf(channelId).map((request) => request.at);
		for (const [index, moment] of at.slice(1).entries()) {
			expect(moment - (at[index] ?? 0)).toBeGreaterThan(1200);
			expect(moment - (at[index] ?? 0)).toBeLessThan(3500);
		}
		expect(runsOf(channelId)[0]).toMatchObject({ mode: 'incremental', startedBy: 'schedule', entity: 'product' });
		// A tick that is over for a moment stands beside the next one that it made.
		await vi.waitFor(async () => expect(await waitingTicks()).toBe(1), within(1500));
	}, 30_000);

	it('pause and go on within five seconds; a changed interval and a new channel are taken over', async () => {
		const slow = await addChannel({ everySeconds: 3600 });
		const paused = await addChannel({ everySeconds: 1 });
		await database.db.execute(
			sql`update c_channel set paused_at = now(), paused_reason = 'person' where id = ${paused}::bigint`
		);
		await replica();
		await vi.waitFor(() => expect(runsOf(slow)).toHaveLength(1), within(5000));
		expect(runsOf(paused)).toHaveLength(0);

		await database.db.execute(
			sql`update c_channel set paused_at = null, paused_reason = null where id = ${paused}::bigint`
		);
		await database.db.execute(
			sql`update c_channel_entity set schedule = '{"everySeconds":1}' where c_channel_id = ${slow}::bigint`
		);
		const fresh = await addChannel({ everySeconds: 3600 });
		await vi.waitFor(() => {
			expect(runsOf(paused).length).toBeGreaterThan(0);
			expect(runsOf(slow).length).toBeGreaterThan(1);
			expect(runsOf(fresh)).toHaveLength(1);
		}, within(6000));

		await database.db.execute(
			sql`update c_channel set paused_at = now(), paused_reason = 'person' where id in (${paused}::bigint, ${fresh}::bigint)`
		);
		await vi.waitFor(async () => expect(await waitingTicks()).toBe(1), within(6000));
		const before = runsOf(paused).length;
		const others = runsOf(slow).length;
		await vi.waitFor(() => expect(runsOf(slow).length).toBeGreaterThan(others + 1), within(5000));
		expect(runsOf(paused)).toHaveLength(before);

		await database.db.execute(
			sql`update c_channel set paused_at = null, paused_reason = null where id = ${fresh}::bigint`
		);
		await vi.waitFor(() => expect(runsOf(fresh)).toHaveLength(2), within(6000));
	}, 30_000);

	it('go on in step once a channel that runs could not use can be used again', async () => {
		const channelId = await addChannel({ everySeconds: 1 });
		await database.db.execute(sql`update c_channel_entity set failures = 9 where c_channel_id = ${channelId}::bigint`);
		await replica();
		const putOff = async () => {
			const [tick] = await database.db.execute<{ later: boolean }>(sql`
				select start_after > now() + interval '1 minute' as later from pgboss.job where name = 'sync-schedule' and state < 'active'`);
			return tick?.later;
		};
		await vi.waitFor(async () => expect(await putOff()).toBe(true), within(5000));
		expect(runsOf(channelId)).toHaveLength(1);
		await database.db.execute(sql`update c_channel_entity set failures = 0 where c_channel_id = ${channelId}::bigint`);
		await vi.waitFor(() => expect(runsOf(channelId).length).toBeGreaterThan(2), within(9000));
	}, 30_000);

	it('leave a busy channel alone, ask for a whole scan when the last is a day old, and rescue a run without a job or with a silent process', async () => {
		const busy = await addChannel({ everySeconds: 1 });
		const stale = await addChannel({ everySeconds: 3600 });
		await database.db.execute(
			sql`update c_channel_entity set swept_at = now() - interval '25 hours' where c_channel_id = ${stale}::bigint`
		);
		const [run] = await database.db.execute<{ id: string }>(sql`
			insert into sync_run (c_channel_id, entity, mode, started_by, queued_at)
			values (${busy}::bigint, 'product', 'incremental', 'schedule', now() - interval '1 minute') returning id::text as id`);
		const beating = async (channelId: string, secondsAgo: number) =>
			database.db.execute<{ id: string }>(sql`
				insert into sync_run (c_channel_id, entity, mode, started_by, state, heartbeat_at)
				values (${channelId}::bigint, 'product', 'full', 'schedule', 'running', now() - make_interval(secs => ${secondsAgo})) returning id::text as id`);
		const [silent] = await beating(busy, 5);
		const [alive] = await beating(stale, -60);
		await replica();
		await vi.waitFor(() => expect(resent).toContain(silent?.id), within(5000));
		await database.db.execute(sql`update sync_run set state = 'succeeded' where id = ${alive?.id ?? '0'}::bigint`);
		await vi.waitFor(() => expect(runsOf(stale)).toMatchObject([{ mode: 'full' }]), within(5000));
		await vi.waitFor(() => expect(resent).toContain(run?.id), within(5000));
		expect(runsOf(busy)).toHaveLength(0);
		expect(resent).not.toContain(alive?.id);
	}, 30_000);
});
