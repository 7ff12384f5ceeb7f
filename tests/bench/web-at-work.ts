import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { sql, type SQL } from 'drizzle-orm';
import postgres from 'postgres';
import type { Db } from '#src/db/client.ts';
import { startBulkJob, startUndoJob, type StartBulkJobResult } from '#src/store/bulk/start-bulk-job.ts';
import { createStore } from '#src/store/store.ts';
import { nextFreePort } from '../../src/launch/free-port.ts';
import type { Measurement } from './main.ts';
import { percentile, requests } from './page-times.ts';
import { connectSeeded, startSeededChannel } from './seeded-channel.ts';
import { pageAddresses } from './seeded-pages.ts';
import { account, type SeededWeb } from './seeded-web.ts';

const firstEnginePort = 4300;
const rounds = 3;
const lookEveryMs = 200;

const person = { actor: { name: account.email }, via: 'web' as const };
/** What a search for it finds: the links numbered below 100,000. */
const wide = { q: 'SEED-00', links: 99_999 };

/**
 * How long pages take while the engine compares the whole channel, and while 100,000 links are ended by a filter and
 * brought back; how long the latter take, and whether every link is as it was. `quiet` holds the p95 of each page in ms.
 */
export async function* benchAtWork(
	web: SeededWeb,
	links: number,
	quiet: ReadonlyMap<string, number>
): AsyncIterable<Measurement> {
	const channel = await startSeededChannel(links);
	const client = postgres(web.databaseUrl, { max: 2, connection: { TimeZone: 'UTC' }, onnotice: () => undefined });
	const db: Db = drizzle(client);
	const engine = await startEngineProcess(web);
	try {
		const channelId = await connectSeeded(db, channel.url);
		yield* duringFullRun(web, db, channelId, quiet);
		yield* duringUnlink(web, db, channelId);
	} finally {
		engine.kill('SIGKILL');
		channel.stop();
		await client.end({ timeout: 5 });
	}
}

async function* duringFullRun(
	web: SeededWeb,
	db: Db,
	channelId: string,
	quiet: ReadonlyMap<string, number>
): AsyncIterable<Measurement> {
	const startedAt = performance.now();
	const { runId } = await createStore(db).queueRun({
		channelId,
		entity: 'product',
		mode: 'full',
		startedBy: 'bench',
		linkIds: null
	});
	const state = async () =>
		(await rowOf<{ state: string }>(db, sql`select state from sync_run where id = ${runId}`)).state;
	while ((await state()) === 'queued') await sleep(lookEveryMs);
	for (const page of await pageAddresses(web)) {
		const took: number[] = [];
		for (let round = 0; round < rounds; round++) took.push(...(await requests(web, page)));
		if ((await state()) !== 'running') break;
		const p95 = percentile(took, 0.95);
		const context = `while a full run goes on; ${took.length} requests`;
		yield { name: `web.${page.name}.p95.full-run`, value: p95, unit: 'ms', better: 'lower', context };
		const base = quiet.get(page.name);
		if (base)
			yield {
				name: `web.${page.name}.p95.full-run.ratio`,
				value: p95 / base,
				unit: 'of 1,000 links, quiet',
				better: 'lower',
				context
			};
	}
	while ((await state()) === 'running') await sleep(lookEveryMs);
	const run = await rowOf<{ state: string; counts: unknown }>(
		db,
		sql`select state, counts from sync_run where id = ${runId}`
	);
	const value = (performance.now() - startedAt) / 1000;
	const context = `${run.state}: ${JSON.stringify(run.counts)}`;
	yield { name: 'web.full-run.seconds', value, unit: 's', better: 'lower', context };
}

async function* duringUnlink(web: SeededWeb, db: Db, channelId: string): AsyncIterable<Measurement> {
	const [list] = (await pageAddresses(web)).filter(({ name }) => name === 'list');
	if (!list) return;
	const before = await digest(db, channelId);
	const selection = { status: null, q: wide.q, uptoId: await newestLink(db, channelId), exceptIds: [] };
	const started = startBulkJob(db, {
		...person,
		channelId,
		entity: 'product',
		kind: 'unlink',
		selection,
		expected: wide.links
	});
	const unlink = await untilOver(db, web, list, await started);
	yield* told('unlink', unlink);
	// The engine looks at once at what came back, set-aside links too: it waits, so that they are seen as they came.
	await db.execute(sql`update c_channel set paused_at = now() where id = ${channelId}::bigint`);
	const undo = await untilOver(db, web, list, await startUndoJob(db, { ...person, jobId: unlink.jobId }));
	yield* told('undo-unlink', undo);
	const changed = before === (await digest(db, channelId)) ? 0 : 1;
	yield {
		name: 'web.bulk.undo-unlink.changed',
		value: changed,
		unit: '1 = not as before',
		better: 'lower',
		context: ''
	};
}

type Over = { jobId: string; seconds: number; firstSeconds: number; p95: number; counts: unknown; state: string };

/** Waits for a job, asking for the list all the while. */
async function untilOver(
	db: Db,
	web: SeededWeb,
	page: { name: string; path: string },
	started: StartBulkJobResult
): Promise<Over> {
	if (!started.ok) throw new Error(`the job was refused: ${JSON.stringify(started)}`);
	const startedAt = performance.now();
	const took: number[] = [];
	let firstSeconds = 0;
	for (;;) {
		const job = await rowOf<{ state: string; counts: Record<string, number> }>(
			db,
			sql`select state, counts from sync_bulk_job where id = ${started.jobId}`
		);
		const seconds = (performance.now() - startedAt) / 1000;
		if (firstSeconds === 0 && (job.counts['done'] ?? 0) > 0) firstSeconds = seconds;
		if (job.state !== 'queued' && job.state !== 'running') {
			return { jobId: started.jobId, seconds, firstSeconds, p95: percentile(took, 0.95), ...job };
		}
		took.push(...(await requests(web, page)));
		await sleep(lookEveryMs);
	}
}

function* told(name: string, over: Over): Iterable<Measurement> {
	const context = `${over.state}: ${JSON.stringify(over.counts)}`;
	const one = (what: string, value: number, unit: string): Measurement => ({
		name: `web.bulk.${name}.${what}`,
		value,
		unit,
		better: 'lower',
		context
	});
	yield one('seconds', over.seconds, 's');
	yield one('first-progress', over.firstSeconds, 's');
	yield one('list.p95', over.p95, 'ms');
}

/** Everything of the links of a channel that an undo must bring back, in one word. */
async function digest(db: Db, channelId: string): Promise<string> {
	const row = await rowOf<{ digest: string }>(
		db,
		sql`select sum(hashtextextended(row(id, m_product_id, external_product_id, external_variant_id, is_primary, status, base_internal, base_external,
			internal_version, external_version, external_stamp, codec_fingerprint, problem)::text, 0))::text as digest
			from c_channel_map_product where c_channel_id = ${channelId}::bigint`
	);
	return row.digest;
}

async function newestLink(db: Db, channelId: string): Promise<string> {
	const row = await rowOf<{ id: string }>(
		db,
		sql`select max(id)::text as id from c_channel_map_product where c_channel_id = ${channelId}::bigint`
	);
	return row.id;
}

async function rowOf<Row extends Record<string, unknown>>(db: Db, query: SQL): Promise<Row> {
	const [row]: Row[] = [...(await db.execute(query))] as Row[];
	if (!row) throw new Error('the database has no such row');
	return row;
}

async function startEngineProcess(web: SeededWeb): Promise<ChildProcess> {
	const port = await nextFreePort('127.0.0.1', firstEnginePort, new Set());
	return spawn(process.execPath, [fileURLToPath(new URL('../../src/engine/main.ts', import.meta.url))], {
		env: {
			...process.env,
			DATABASE_URL: web.databaseUrl,
			SECRET_KEY: web.secretKey,
			HOST: '127.0.0.1',
			ENGINE_PORT: String(port),
			LOG_LEVEL: 'warn'
		},
		stdio: ['ignore', 'ignore', 'inherit']
	});
}
