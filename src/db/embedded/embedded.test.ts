import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isRunning } from './postmaster.ts';
import { findDataDirectory } from './place.ts';
import { type EmbeddedServer, findEmbedded, startEmbedded } from './server.ts';

const room = mkdtempSync(path.join(os.tmpdir(), 'channel-mapping-embedded-'));
const dataDirectory = path.join(room, 'data');
const cluster = path.join(dataDirectory, 'pg');
const pidFile = path.join(cluster, 'postmaster.pid');
const asRoot = process.getuid?.() === 0;
const started = new Set<EmbeddedServer>();

async function start(directory = dataDirectory): Promise<EmbeddedServer> {
	const server = await startEmbedded({ dataDirectory: directory, settings: { shared_buffers: '16MB' } });
	started.add(server);
	return server;
}

async function query<T extends object>(url: string, text: string): Promise<T[]> {
	const sql = postgres(url, { max: 1, onnotice: () => undefined });
	try {
		return [...(await sql.unsafe<T[]>(text))];
	} finally {
		await sql.end();
	}
}

beforeAll(() => chmodSync(room, 0o755));

afterEach(async () => {
	for (const server of started) await server.stop();
	started.clear();
});

afterAll(() => rmSync(room, { recursive: true, force: true }));

test('starts on an empty folder, keeps what was written, and a second process adopts it', async () => {
	const first = await start();
	await query(first.url, 'create table kept (id int); insert into kept values (1)');
	const [settings] = await query<{ name: string; addresses: string; connections: string; server: string }>(
		first.url,
		`select current_database() as name, current_setting('listen_addresses') as addresses,
			current_setting('max_connections') as connections, current_setting('server_version') as server`
	);
	expect(settings).toMatchObject({ name: 'channel_mapping', addresses: '127.0.0.1', connections: '200' });
	expect(settings?.server).toMatch(/^18\./);
	expect(statSync(path.join(dataDirectory, 'pg-password')).mode & 0o777).toBe(0o600);

	const [second, third] = await Promise.all([start(), start()]);
	expect([second.adopted, third.adopted, second.pid, third.pid]).toEqual([true, true, first.pid, first.pid]);
	expect(findEmbedded(dataDirectory)?.url).toBe(first.url);

	await first.stop();
	expect(isRunning(first.pid)).toBe(false);
	expect(findEmbedded(dataDirectory)).toBeUndefined();
	const later = await start();
	expect(later.adopted).toBe(false);
	expect(await query(later.url, 'select id from kept')).toEqual([{ id: 1 }]);
});

test('a wrong password is refused', async () => {
	const url = new URL((await start()).url);
	url.password = 'guessed';
	await expect(query(url.href, 'select 1')).rejects.toThrow('password authentication failed');
});

test('recovers after kill -9 of PostgreSQL', async () => {
	const first = await start();
	await query(first.url, 'create table acknowledged (id int); insert into acknowledged values (7)');
	process.kill(first.pid, 'SIGKILL');
	const second = await start();
	expect(second.pid).not.toBe(first.pid);
	expect(await query(second.url, 'select id from acknowledged')).toEqual([{ id: 7 }]);
});

test('starts anew where PostgreSQL was asked to end and waits for programs that still use it', async () => {
	const first = await start();
	const sql = postgres(first.url, { max: 1, onnotice: () => undefined });
	await sql`select 1`;
	process.kill(first.pid, 'SIGTERM');
	await expect.poll(() => readFileSync(pidFile, 'utf8'), { timeout: 30_000 }).toContain('stopping');
	const second = await start();
	expect(second.pid).not.toBe(first.pid);
	expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
	await sql.end();
});

test('is adopted after kill -9 of the process that started it', async () => {
	const script = `import { startEmbedded } from ${JSON.stringify(new URL('./server.ts', import.meta.url).href)};
		console.log((await startEmbedded({ dataDirectory: ${JSON.stringify(dataDirectory)} })).pid); setInterval(() => {}, 1e6);`;
	const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
		stdio: ['ignore', 'pipe', 'inherit']
	});
	const pid = await new Promise<number>((resolve) => starter.stdout.once('data', (text) => resolve(Number(text))));
	starter.kill('SIGKILL');
	await new Promise((resolve) => starter.once('exit', resolve));
	const server = await start();
	expect([server.adopted, server.pid]).toEqual([true, pid]);
});

test('starts where a file left behind names a process that is not ours', async () => {
	await (await start()).stop();
	const other = spawn('sleep', ['60']);
	writeFileSync(pidFile, `${other.pid}\n${cluster}\n1700000000\n5432\n\n127.0.0.1\n 1 1\nready\n`);
	const server = await start();
	expect(server.adopted).toBe(false);
	expect(isRunning(other.pid ?? 0)).toBe(true);
	other.kill();
	await server.stop();

	writeFileSync(pidFile, 'nonsense\n');
	expect((await start()).adopted).toBe(false);
});

test('a copy of a running project gets a server of its own, a moved one keeps its server', async () => {
	const original = await start();
	const copy = path.join(room, 'copy');
	await query(original.url, 'checkpoint');
	execFileSync('cp', ['-r', dataDirectory, copy]);
	const second = await start(copy);
	expect(second.adopted).toBe(false);
	expect(second.port).not.toBe(original.port);

	const moved = path.join(room, 'moved');
	renameSync(copy, moved);
	expect((await start(moved)).pid).toBe(second.pid);
});

test('an unfinished first start is started over', async () => {
	const directory = path.join(room, 'cut-off');
	mkdirSync(path.join(directory, 'pg.new'), { recursive: true });
	writeFileSync(path.join(directory, 'pg.new', 'PG_VERSION'), '18\n');
	writeFileSync(path.join(directory, 'pg.start-lock'), '4194304000\n');
	expect((await start(directory)).adopted).toBe(false);
});

test('says what to do when the password file is lost', async () => {
	await (await start()).stop();
	const file = path.join(dataDirectory, 'pg-password');
	renameSync(file, `${file}.lost`);
	await expect(start()).rejects.toMatchObject({
		kind: 'server-failed',
		message: expect.stringContaining(file) as string
	});
	renameSync(`${file}.lost`, file);
	const left = findEmbedded(dataDirectory);
	await left?.stop();
});

describe.runIf(asRoot)('as root', () => {
	test('the server runs under an account that is not root', async () => {
		const server = await start();
		expect(statSync(`/proc/${server.pid}`).uid).toBe(statSync(cluster).uid);
		expect(statSync(cluster).uid).not.toBe(0);
	});

	test('data of a project that other accounts cannot enter goes to /var/lib', () => {
		const closed = path.join(room, 'closed');
		mkdirSync(path.join(closed, 'app'), { recursive: true });
		chmodSync(closed, 0o700);
		expect(findDataDirectory(path.join(closed, 'app'))).toMatch(/^\/var\/lib\/channel-mapping\/[0-9a-f]{16}$/);
		expect(findDataDirectory(path.join(closed, 'app'))).not.toBe(findDataDirectory(path.join(closed, 'other')));
		chmodSync(closed, 0o755);
		expect(findDataDirectory(path.join(closed, 'app'))).toBe(path.join(closed, 'app', '.data'));
	});

	const asNobody = (script: string, id = 65534) =>
		spawnSync(
			'setpriv',
			[`--reuid=${id}`, `--regid=${id}`, '--clear-groups', process.execPath, '--input-type=module', '-e', script],
			{
				encoding: 'utf8',
				cwd: '/',
				env: { PATH: process.env['PATH'] }
			}
		);
	const project = path.dirname(path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url)))));
	const reachable =
		asNobody(`await import('node:fs').then((fs) => fs.readFileSync('${project}/package.json'))`).status === 0;

	test.runIf(reachable)('an ordinary user starts and stops it without root', () => {
		const own = path.join(room, 'own');
		mkdirSync(own);
		execFileSync('chown', ['65534', own]);
		const script = `import { startEmbedded } from '${project}/src/db/embedded/server.ts';
			const server = await startEmbedded({ dataDirectory: '${own}/data' }); await server.stop(); console.log('stopped');`;
		const result = asNobody(script);
		expect(`${result.stdout}${result.stderr}`).toBe('stopped\n');
		expect(readFileSync(path.join(own, 'data', 'pg.log'), 'utf8')).toContain('database system is shut down');
	});

	test.runIf(reachable)('a user id without an account is told so', () => {
		const script = `import { startEmbedded } from '${project}/src/db/embedded/server.ts';
			await startEmbedded({ dataDirectory: '/tmp/never-made' }).catch((error) => console.log(error.message, error.hint));`;
		expect(asNobody(script, 54321).stdout).toMatch(/54321 has no entry in \/etc\/passwd.*set DATABASE_URL/);
	});
});
