import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Db } from '#src/db/client.ts';
import { migrate } from '#src/db/migrate.ts';
import type { Connector } from '#src/engine/connectors/connector.ts';
import { createTransport } from '#src/engine/connectors/http.ts';
import { connectors } from '#src/engine/connectors/registry.ts';
import { createEngine } from '#src/engine/create-engine.ts';
import type { Ports } from '#src/engine/ports.ts';
import { createStore } from '#src/store/store.ts';

const nowMs = () => performance.timeOrigin + performance.now();

/** A demo ERP in a process of its own, so that its work is not ours. */
export async function startErp(latencyMs: number): Promise<{ url: string; key: string; stop(): void }> {
	const path = fileURLToPath(new URL('../../src/demo/erp/main.ts', import.meta.url));
	const child: ChildProcess = spawn(process.execPath, [path], {
		env: { ...process.env, ERP_KIND: 'erp', PORT: '0', HOST: '127.0.0.1', ERP_LATENCY_MS: String(latencyMs) },
		stdio: ['ignore', 'pipe', 'inherit']
	});
	const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
	const url = /http:\S+/.exec(line.toString())?.[0];
	if (!url) throw new Error(`the demo ERP did not start: ${line.toString()}`);
	return { url, key: 'demo-erp-key', stop: () => void child.kill('SIGKILL') };
}

/** A migrated database of its own on this server; `drop` ends whoever is connected. */
export async function freshDatabase(serverUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
	const name = `bench_${randomUUID().slice(0, 8)}`;
	const url = new URL(serverUrl);
	url.pathname = `/${name}`;
	await migrate(url.href);
	return {
		url: url.href,
		async drop() {
			const server = postgres(serverUrl, { max: 1, onnotice: () => undefined });
			await server.unsafe(`drop database if exists ${name} with (force)`);
			await server.end();
		}
	};
}

/** Fills a database with so many links, as `npm run seed` does; `share` times as many of them need a look. */
export async function seedLinks(databaseUrl: string, links: number, share = 1): Promise<void> {
	const path = fileURLToPath(new URL('../../src/demo/seed-links.ts', import.meta.url));
	const child = spawn(process.execPath, [path, '--links', String(links), '--share', String(share)], {
		env: { ...process.env, DATABASE_URL: databaseUrl },
		stdio: ['ignore', 'ignore', 'inherit']
	});
	const [code] = await once(child, 'exit');
	if (code !== 0) throw new Error(`seeding ${links} links ended with ${code}`);
}

/** The real engine on a database, counting every statement and every call; `calls` counts them where none goes over a wire. */
export function startEngine(
	databaseUrl: string,
	over: { connectors?: readonly Connector[]; calls?: () => number } = {}
) {
	const sent = { statements: 0, calls: 0 };
	const counted = () => ({ ...sent, ...(over.calls && { calls: over.calls() }) });
	const client = postgres(databaseUrl, {
		max: 10,
		connection: { TimeZone: 'UTC' },
		onnotice: () => undefined,
		debug: () => (sent.statements += 1)
	});
	const db: Db = drizzle(client);
	const transport = createTransport({ fetch, monotonicNow: () => performance.now(), wallNow: nowMs });
	const ports: Ports = {
		clock: {
			nowMs,
			monotonicMs: () => performance.now(),
			sleep: (ms, signal) => sleep(ms, undefined, { signal }) as Promise<void>
		},
		random: { number: Math.random, uuid: randomUUID },
		transport: (request) => {
			sent.calls += 1;
			return transport(request);
		},
		connectors: over.connectors ?? connectors,
		queue: { send: async () => undefined, work: async () => undefined, stop: async () => undefined },
		store: createStore(db),
		unseal: (sealed) => sealed,
		log: { info: () => undefined, warn: console.error, error: console.error },
		workerId: 'bench'
	};
	return {
		db,
		counted,
		transport,
		engine: createEngine(ports),
		stop: () => client.end({ timeout: 5 })
	};
}

export type Rig = ReturnType<typeof startEngine>;

/** What a run took. */
export type Cost = { seconds: number; calls: number; statements: number; counts: Record<string, number> };

/** Performs one run to its end. Throws where it did not succeed. */
export async function performRun(rig: Rig, channelId: string, mode: 'full' | 'incremental'): Promise<Cost> {
	const before = rig.counted();
	const { runId } = await rig.engine.requestRun({ channelId, entity: 'product', mode, startedBy: 'bench' });
	const seconds = await timed(() => rig.engine.performRun(runId, new AbortController().signal));
	const after = rig.counted();
	const [calls, statements] = [after.calls - before.calls, after.statements - before.statements];
	const [row] = await rig.db.execute<{ state: string; counts: Record<string, number>; problem: unknown }>(
		sql`select state, counts, problem from sync_run where id = ${runId}::bigint`
	);
	if (row?.state !== 'succeeded') throw new Error(`the ${mode} run ${row?.state}: ${JSON.stringify(row?.problem)}`);
	return { seconds, calls, statements, counts: row.counts };
}

/** Seconds that a piece of work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
	const startedAt = performance.now();
	await work();
	return (performance.now() - startedAt) / 1000;
}
