import { randomBytes, randomUUID } from 'node:crypto';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import type { PgBoss } from 'pg-boss';
import { connect, type Db } from '#src/db/client.ts';
import { unseal } from '#src/db/seal.ts';
import { readRun } from '#src/mappings/read-run.ts';
import { performBulkBatch } from '#src/store/bulk/perform-bulk-batch.ts';
import { readStrandedBulkJobs } from '#src/store/bulk/stranded-bulk-jobs.ts';
import { claimInstallation } from '#src/store/installation.ts';
import { followRename } from '#src/store/follow-rename.ts';
import { mendUnlinked } from '#src/store/mend-unlinked.ts';
import { keepProblemHour } from '#src/store/problem-hours.ts';
import { readSchedule, readSchedules, readStrandedRuns } from '#src/store/read-schedules.ts';
import { createStore } from '#src/store/store.ts';
import { createApi } from './api/create-api.ts';
import { createMetrics, type Metrics } from './api/metrics.ts';
import { createBulkQueue, prepareBulkQueue } from './bulk/bulk-queue.ts';
import { workOnBulkJobs } from './bulk/perform-bulk-job.ts';
import { readConfig, type EngineConfig } from './config.ts';
import { createTransport } from './connectors/http.ts';
import { connectors } from './connectors/registry.ts';
import { createEngine } from './create-engine.ts';
import { createKept } from './kept.ts';
import type { Engine } from './engine.ts';
import { errorPlace, errorText } from './error-text.ts';
import { isFetchCrash } from './fetch-crash.ts';
import { createLog } from './log.ts';
import type { Clock, Log, Ports } from './ports.ts';
import { createPgBossQueue, prepareRunQueue } from './queue/pg-boss-queue.ts';
import { openBoss, startBoss } from './queue/open-boss.ts';
import type { Queue } from './queue/queue.ts';
import { followRenames } from './schedule/follow-renames.ts';
import { repeat, type Chore } from './schedule/repeat.ts';
import { runScheduler } from './schedule/scheduler.ts';
import { createTickJobs, prepareTickQueue } from './schedule/tick-jobs.ts';

const retryMs = 1000;
/** Time for runs to stop at their next step. */
const graceMs = 5000;
/** Statements of a transaction follow at once: one that waits this long belongs to a process that is frozen or cut off. */
const idleTransactionMs = 10_000;
/** A database that does not answer must not keep the process. */
const lastMomentMs = 9000;
const keyLength = 8;
const minuteMs = 60_000;

const clock: Clock = {
	nowMs: () => performance.timeOrigin + performance.now(),
	monotonicMs: () => performance.now(),
	sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}) as Promise<void>
};

function main(): void {
	const read = readConfig(process.env);
	if ('wrong' in read) {
		for (const line of read.wrong) console.error(line);
		process.exitCode = 1;
		return;
	}
	run(read.config, createLog(read.config.logLevel));
}

function run(config: EngineConfig, log: Log): void {
	process.on('uncaughtException', (error) => {
		if (isFetchCrash(error)) return log.warn('a channel ended its answer before it was read');
		log.error('engine ends on a defect', { problem: errorText(error), at: errorPlace(error) });
		process.exit(1);
	});
	const ending = new AbortController();
	const { db, close } = connect(config.databaseUrl, { applicationName: 'channel-mapping engine', idleTransactionMs });
	const boss = openBoss({ databaseUrl: config.databaseUrl, clock, log });
	const queue = createPgBossQueue(boss);
	const metrics = createMetrics();
	const engine = createEngine(portsOf(config, { db, queue, metrics, log }));
	let started = false;
	const api = createApi({
		db,
		engine,
		connectors,
		clock,
		log,
		metrics,
		secretKey: config.secretKey,
		queueReady: () => started,
		ending: ending.signal
	});
	const server = serve({ fetch: api.fetch, hostname: config.host, port: config.port }, ({ port }) =>
		log.info('engine listens', { host: config.host, port })
	);
	server.on('error', (error: NodeJS.ErrnoException) => {
		console.error(
			error.code === 'EADDRINUSE'
				? `ENGINE_PORT=${config.port} is in use on ${config.host}`
				: `HOST=${config.host}: ${error.message}`
		);
		process.exit(1);
	});

	const working = work(
		{ config, db, boss, queue, engine, metrics, log, onStarted: () => (started = true) },
		ending.signal
	);
	working.catch((error: unknown) => {
		log.error('engine cannot go on', {
			problem: errorText(error),
			at: errorPlace(error)
		});
		process.exit(1);
	});

	const stop = async (signal: string) => {
		if (ending.signal.aborted) return;
		log.info('engine stops', { signal });
		setTimeout(() => process.exit(0), lastMomentMs).unref();
		ending.abort(new Error('the engine stops'));
		server.close();
		await queue
			.stop(graceMs)
			.catch((error: unknown) => log.warn('queue did not stop in order', { problem: errorText(error) }));
		if ('closeAllConnections' in server) server.closeAllConnections();
		await close();
		process.exit(0);
	};
	for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
}

type Parts = { db: Db; queue: Queue; metrics: Metrics; log: Log };

function portsOf(config: EngineConfig, { db, queue, metrics, log }: Parts): Ports {
	const transport = createTransport({ fetch, monotonicNow: clock.monotonicMs, wallNow: clock.nowMs });
	return {
		clock,
		random: { number: Math.random, uuid: randomUUID },
		transport: metrics.measure(transport, clock),
		connectors,
		queue,
		store: createStore(db),
		unseal: (sealed, channelId, field) => unseal(config.secretKey, sealed, channelId, field),
		log,
		kept: createKept(),
		workerId: `${os.hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`
	};
}

type Work = Parts & { config: EngineConfig; boss: PgBoss; engine: Engine; onStarted: () => void };

/** Everything that needs the database, once it is there: claim the installation, take runs, keep schedules. */
async function work(
	{ config, db, boss, queue, engine, metrics, log, onStarted }: Work,
	signal: AbortSignal
): Promise<void> {
	if (!(await startBoss(boss, { clock, log }, signal))) return;
	await untilDone(signal, log, async () => {
		await prepareRunQueue(boss);
		await prepareTickQueue(boss);
		await prepareBulkQueue(boss);
		await claim(db, config, log);
	});
	if (signal.aborted) return;
	await queue.work(async ({ runId }, runSignal) => {
		await engine.performRun(runId, runSignal);
		const run = await readRun(db, { id: runId });
		if (run?.endedAt) metrics.observeRun(run);
	});
	onStarted();
	log.info('engine works');
	const bulk = {
		clock,
		log,
		engine,
		queue: createBulkQueue(boss, signal),
		performBatch: (input: Parameters<typeof performBulkBatch>[1]) => performBulkBatch(db, input),
		readStranded: () => readStrandedBulkJobs(db)
	};
	const scheduler = {
		clock,
		log,
		engine,
		queue,
		jobs: createTickJobs(boss),
		readSchedules: () => readSchedules(db),
		readSchedule: (key: Parameters<typeof readSchedule>[1]) => readSchedule(db, key),
		readStrandedRuns: () => readStrandedRuns(db)
	};
	await Promise.all([
		runScheduler(scheduler, signal),
		workOnBulkJobs(bulk, signal),
		followRenames({ clock, log, follow: () => followRename(db) }, signal),
		...chores(db).map((chore) => repeat({ clock, log }, chore, signal))
	]);
}

/** What is looked after beside the runs. */
function chores(db: Db): Chore[] {
	return [
		{
			everyMs: minuteMs,
			failed: 'open problems of this hour could not be kept',
			work: () => keepProblemHour(db)
		},
		{
			everyMs: 24 * 60 * minuteMs,
			afterMs: 60 * minuteMs,
			failed: 'which records are free could not be worked out anew',
			work: () => mendUnlinked(db)
		}
	];
}

async function claim(db: Db, { origin }: EngineConfig, log: Log): Promise<void> {
	const { kind, differences, paused } = await claimInstallation(db, { origin, newKey: randomKey() });
	if (kind === 'copy')
		log.warn('this looks like a copy of another installation: channels are paused until an administrator re-arms it', {
			differences,
			paused
		});
	else log.info('installation claimed', { kind });
}

/** Tries again every second until it works or the process ends. */
async function untilDone(signal: AbortSignal, log: Log, step: () => Promise<void>): Promise<void> {
	while (!signal.aborted) {
		try {
			return await step();
		} catch (error) {
			log.warn('engine waits for the database', { problem: errorText(error) });
			await clock.sleep(retryMs, signal).catch(() => undefined);
		}
	}
}

function randomKey(): string {
	const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
	return Array.from({ length: keyLength }, () => alphabet[Math.floor(Math.random() * alphabet.length)]).join('');
}

main();
