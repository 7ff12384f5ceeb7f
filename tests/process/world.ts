import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { testDatabase } from '../pg/database.ts';

/** The installation's key in these tests. */
export const secretKey = 'process-tests-secret-key-of-enough-length';
const pathOf = (file: string) => fileURLToPath(new URL(`../../src/${file}`, import.meta.url));
const pollMs = 50;

type Child = { process: ChildProcess; output: () => string };

function start(file: string, env: Record<string, string>): Child {
	const child = spawn(process.execPath, [pathOf(file)], {
		env: { ...process.env, ...env },
		stdio: ['ignore', 'pipe', 'pipe']
	});
	let text = '';
	child.stdout.on('data', (data: Buffer) => (text += data.toString()));
	child.stderr.on('data', (data: Buffer) => (text += data.toString()));
	return { process: child, output: () => text };
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	return typeof address === 'object' && address ? address.port : 0;
}

/** Waits for a condition; the last value is in the message when it never holds. */
export async function until<Value>(
	what: string,
	withinMs: number,
	look: () => Promise<Value | false | null | undefined>
): Promise<Value> {
	const deadline = performance.now() + withinMs;
	for (;;) {
		const value = await look();
		if (value) return value;
		if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
		await sleep(pollMs);
	}
}

export type ProcessWorld = Awaited<ReturnType<typeof startProcesses>>;

/** Nordhang's data on a database of its own, with ERP, Shop and engine as real processes on free ports. */
export async function startProcesses() {
	const database = await testDatabase();
	const { db } = database;
	const erp = await startDemoSystem('erp');
	const shop = await startDemoSystem('shop');
	const seed = start('demo/seed-demo.ts', {
		DATABASE_URL: database.url,
		SECRET_KEY: secretKey,
		ERP_URL: erp.url,
		SHOP_URL: shop.url
	});
	await once(seed.process, 'exit');
	if (seed.process.exitCode !== 0) throw new Error(`seed: ${seed.output()}`);
	const token = await printToken(database.url);
	const enginePort = await freePort();
	let engine = await startEngine();

	async function startEngine(): Promise<Child> {
		const child = start('engine/main.ts', {
			DATABASE_URL: database.url,
			SECRET_KEY: secretKey,
			HOST: '127.0.0.1',
			ENGINE_PORT: String(enginePort),
			ORIGIN: 'http://127.0.0.1:3000'
		});
		await until(`engine answers: ${child.output()}`, 20_000, async () => {
			if (child.process.exitCode !== null) throw new Error(`engine ended: ${child.output()}`);
			return fetch(`http://127.0.0.1:${enginePort}/health`).then(
				({ ok }) => ok,
				() => false
			);
		});
		return child;
	}

	const api = async (method: string, path: string, body?: unknown) => {
		const reply = await fetch(`http://127.0.0.1:${enginePort}${path}`, {
			method,
			headers: {
				authorization: `Bearer ${token}`,
				...(body === undefined ? {} : { 'content-type': 'application/json' })
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) })
		});
		const text = await reply.text();
		return { status: reply.status, body: text === '' ? null : (JSON.parse(text) as Record<string, unknown>) };
	};
	const channelId = async (name: string) => {
		const [row] = await db.execute<{ id: string }>(sql`select id::text as id from c_channel where name = ${name}`);
		return row?.id ?? '';
	};

	return {
		db,
		erp,
		shop,
		api,
		channelId,
		engineUrl: `http://127.0.0.1:${enginePort}`,
		engineOutput: () => engine.output(),
		/** Lets n whole cycles of a channel's products pass. */
		async cycles(n: number, channel = 'ERP') {
			const id = await channelId(channel);
			for (let cycle = 0; cycle < n; cycle++) {
				const started = await api('POST', '/v1/runs', { channelId: id, entity: 'product', mode: 'incremental' });
				expect(started.status, JSON.stringify(started.body)).toBeLessThan(300);
				const runId = String(started.body?.['id']);
				await until(`run ${runId} ends`, 30_000, async () => {
					const [run] = await db.execute<{ state: string }>(
						sql`select state from sync_run where id = ${runId}::bigint`
					);
					return run && !['queued', 'running'].includes(run.state);
				});
			}
		},
		/** Does something between two cycles of a channel: none is under way, and none starts before it is done. */
		async whilePaused(channel: string, work: () => Promise<void>) {
			const id = await channelId(channel);
			await db.execute(sql`update c_channel set paused_at = now(), paused_reason = 'person' where id = ${id}::bigint`);
			await until('no run is under way', 30_000, async () => {
				const rows = await db.execute(
					sql`select 1 from sync_run where c_channel_id = ${id}::bigint and state in ('queued', 'running')`
				);
				return rows.length === 0;
			});
			await work();
			await db.execute(sql`update c_channel set paused_at = null, paused_reason = null where id = ${id}::bigint`);
		},
		async killEngine() {
			engine.process.kill('SIGKILL');
			await once(engine.process, 'exit');
		},
		async restartEngine() {
			engine = await startEngine();
		},
		async stop() {
			engine.process.kill('SIGTERM');
			await once(engine.process, 'exit');
			erp.process.kill('SIGKILL');
			shop.process.kill('SIGKILL');
			await database.close();
			return engine.process.exitCode;
		}
	};
}

async function startDemoSystem(kind: 'erp' | 'shop') {
	const child = start('demo/erp/main.ts', { ERP_KIND: kind, PORT: '0', HOST: '127.0.0.1' });
	const url = await until(`${kind} listens`, 20_000, async () => /http:\S+/.exec(child.output())?.[0]);
	const headers = { authorization: `Bearer demo-${kind}-key`, 'content-type': 'application/json' };
	const call = async (method: string, path: string, body?: unknown) => {
		const reply = await fetch(new URL(path, url), {
			method,
			headers,
			...(body === undefined ? {} : { body: JSON.stringify(body) })
		});
		const text = await reply.text();
		if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
		return (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> & { items?: Record<string, unknown>[] };
	};
	return {
		process: child.process,
		url,
		call,
		/** What the system itself logged since an entry: its writes and by-id reads. */
		async log(since = 0) {
			const { items } = await call('GET', `/log?since=${since}`);
			return (items ?? []) as { seq: number; at: string; method: string; id: string; by: string }[];
		}
	};
}

async function printToken(databaseUrl: string): Promise<string> {
	const child = spawn(
		process.execPath,
		[pathOf('auth/print-token.ts'), '--role', 'operator', '--name', 'process-tests'],
		{
			env: { ...process.env, DATABASE_URL: databaseUrl, SECRET_KEY: secretKey },
			stdio: ['ignore', 'pipe', 'inherit']
		}
	);
	let text = '';
	child.stdout.on('data', (data: Buffer) => (text += data.toString()));
	await once(child, 'exit');
	return text.trim();
}
