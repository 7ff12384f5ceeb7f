import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Db } from '#src/db/client.ts';
import { migrate } from '#src/db/migrate.ts';
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

/** The real engine on a database of its own, counting every statement and every call. */
export async function startEngine(serverUrl: string) {
	const name = `bench_${randomUUID().slice(0, 8)}`;
	const url = new URL(serverUrl);
	url.pathname = `/${name}`;
	await migrate(url.href);
	const counted = { statements: 0, calls: 0 };
	const client = postgres(url.href, {
		max: 10,
		connection: { TimeZone: 'UTC' },
		onnotice: () => undefined,
		debug: () => (counted.statements += 1)
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
			counted.calls += 1;
			return transport(request);
		},
		connectors,
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
		async stop() {
			await client.end({ timeout: 5 });
			const server = postgres(serverUrl, { max: 1, onnotice: () => undefined });
			await server.unsafe(`drop database ${name} with (force)`);
			await server.end();
		}
	};
}
