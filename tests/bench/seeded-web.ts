import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { nextFreePort } from '../../src/launch/free-port.ts';
import { freshDatabase, seedLinks } from './rig.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Whose session it is: an administrator. */
export const account = { email: 'bench@example.org', password: 'bench-password' };
const readyWithinMs = 60_000;
const firstPort = 4100;
const taken = new Set<number>();

/** The built web on a database of its own with so many links, and an administrator's session in it. */
export type SeededWeb = { url: string; databaseUrl: string; cookie: string; secretKey: string; stop(): Promise<void> };

/** Starts the built web (`npm run build` first) on a fresh database with `links` links, seeded with this share. */
export async function startSeededWeb(serverUrl: string, links: number, share = 1): Promise<SeededWeb> {
	const database = await freshDatabase(serverUrl);
	let web: ChildProcess | null = null;
	const stop = async () => {
		web?.kill('SIGKILL');
		await database.drop();
	};
	try {
		await seedLinks(database.url, links, share);
		const port = await nextFreePort('127.0.0.1', firstPort, taken);
		const origin = `http://127.0.0.1:${port}`;
		const secretKey = randomUUID() + randomUUID();
		const environment = {
			DATABASE_URL: database.url,
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
		return { url: origin, databaseUrl: database.url, cookie: await signIn(origin), secretKey, stop };
	} catch (error) {
		await stop();
		throw error;
	}
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
