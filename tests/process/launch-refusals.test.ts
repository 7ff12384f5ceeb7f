import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freePorts, runCommand } from './launcher.ts';

const room = mkdtempSync(path.join(os.tmpdir(), 'channel-mapping-launch-'));
afterAll(() => rmSync(room, { recursive: true, force: true }));

const elsewhere = 'postgres://someone:hidden-word@127.0.0.1:1/nowhere';
const key = 'k'.repeat(32);

test.each([
	{ args: ['start'], env: { PORT: 'abc' }, says: /^PORT=abc: must be a port number/ },
	{ args: ['start'], env: { HOST: '203.0.113.9' }, says: /^HOST=203\.0\.113\.9: is not an address of this machine/ },
	{ args: ['start'], env: { DATABASE_URL: elsewhere }, says: /^SECRET_KEY is missing/ },
	{ args: ['migrate'], env: { DATABASE_URL: elsewhere }, says: /^no database server answers at 127\.0\.0\.1:1 / },
	{ args: ['demo', '--reset'], env: { DATABASE_URL: elsewhere }, says: /^--reset only deletes the embedded database/ },
	{ args: ['db-url'], env: {}, says: /^no database runs/ },
	{ args: ['demo', '--rest'], env: {}, says: /^Unknown option '--rest'/ }
])('$args with $env ends with one clear line', ({ args, env, says }) => {
	const result = runCommand(args, { DATA_DIR: path.join(room, 'unused'), ...(env as Record<string, string>) });
	expect(result.err).toMatch(says);
	expect(result.err.trimEnd().split('\n')).toHaveLength(1);
	expect(result.err).not.toContain('hidden-word');
	expect([result.out, result.code]).toEqual(['', 1]);
});

test('start says which port is in use', async () => {
	const server = net.createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as net.AddressInfo;
	const taken = { ...(await freePorts()), ENGINE_PORT: `${port}`, DATABASE_URL: elsewhere, SECRET_KEY: key };
	const result = runCommand(['start'], { DATA_DIR: room, ...taken });
	server.close();
	expect(result.err).toMatch(new RegExp(`^ENGINE_PORT=${port} is in use`));
	expect(result.code).toBe(1);
});

test('an old Node is told so', () => {
	const pretend = `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.20.2' })`;
	const result = spawnSync(process.execPath, ['--import', pretend, 'src/launch.mjs', 'demo'], { encoding: 'utf8' });
	expect(result.stderr).toBe('Node 20.20.2 is too old: this needs Node 22.18 or newer (nodejs.org)\n');
	expect(result.status).toBe(1);
});
