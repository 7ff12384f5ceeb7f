import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { migrate } from '#src/db/migrate.ts';
import { nextFreePort } from '../../src/launch/free-port.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const account = { email: 'bench@example.org', password: 'bench-password' };
const readyWithinMs = 60_000;
const firstPort = 4100;
const taken = new Set<number>();

/** The built web on a database of its own with so many links, and an administrator's session in it. */
export type SeededWeb = { url: string; databaseUrl: string; cookie: string; secretKey: string; stop(): Promise<void> };

/** Starts the built web (`npm run build` first) on a fresh database with `links` links. */
export async function startSeededWeb(serverUrl: string, links: number): Promise<SeededWeb> {
	const name = `bench_${randomUUID().slice(0, 8)}`;
	const server = postgres(serverUrl, { max: 1, onnotice: () => undefined });
	const url = new URL(serverUrl);
	url.pathname = `/${name}`;
	let web: ChildProcess | null = null;
	const stop = async () => {
		web?.kill('SIGKILL');
		await server.unsafe(`drop database if exists ${name} with (force)`);
		await server.end();
	};
	try {
		await migrate(url.href);
		await runToEnd(['src/demo/seed-links.ts', '--links', String(links)], { DATABASE_URL: url.href });
		const port = await nextFreePort('127.0.0.1', firstPort, taken);
		const origin = `http://127.0.0.1:${port}`;
		const secretKey = randomUUID() + randomUUID();
		const environment = {
			DATABASE_URL: url.href,
			SECRET_KEY: secretKey,
			HOST: '127.0.0.1',
			PORT: String(port),
			ORIGIN: origin,
			ENGINE_URL: 'http://127.0.0.1:9',
			ADMIN_EMAIL: account.email,
			ADMIN_PASSWORD: account.password,
			NODE_ENV: 'production'
		};
		web = spawn(process.execPath, ['build/index.js'], {
			cwd: root,
			env: { ...process.env, ...environment },
			stdio: ['ignore', 'ignore', 'inherit']
		});
		await answers(`${origin}/healthz`);
		return { url: origin, databaseUrl: url.href, cookie: await signIn(origin), secretKey, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

async function runToEnd(command: string[], environment: Record<string, string>): Promise<void> {
	const child = spawn(process.execPath, command, {
		cwd: root,
		env: { ...process.env, ...environment },
		stdio: ['ignore', 'ignore', 'inherit']
	});
	const [code] = await once(child, 'exit');
	if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}`);
}

async function answers(url: string): Promise<void> {
	const deadline = performance.now() + readyWithinMs;
	while (performance.now() < deadline) {
		const reply = await fetch(url).catch(() => null);
		if (reply?.ok) return;
		await sleep(100);
	}
	throw new Error(`nothing answered at ${url}: is the web built (npm run build)?`);
}

async function signIn(origin: string): Promise<string> {
	const reply = await fetch(`${origin}/login`, {
		method: 'POST',
		redirect: 'manual',
		headers: { origin, accept: 'text/html' },
		body: new URLSearchParams({ ...account, returnTo: '/' })
	});
	const cookie = reply.headers
		.getSetCookie()
		.map((line) => line.split(';')[0])
		.join('; ');
	if (reply.status !== 303 || cookie === '') throw new Error(`signing in was answered with ${reply.status}`);
	return cookie;
}
