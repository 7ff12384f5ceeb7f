import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findEmbedded } from '#src/db/embedded/server.ts';
import { childrenOf, freePorts, type Launcher, runCommand, startCommand } from './launcher.ts';

const DATA_DIR = mkdtempSync(path.join(os.tmpdir(), 'channel-mapping-demo-'));
const ready = /^ready: web=(http:\S+) engine=(http:\S+) erp=(http:\S+)\nlogin: email=(\S+) password=(\S+)$/m;
let running: Launcher | undefined;

afterAll(async () => {
	running?.process.kill('SIGKILL');
	await findEmbedded(DATA_DIR)?.stop();
	rmSync(DATA_DIR, { recursive: true, force: true });
});

async function startDemo(environment: Record<string, string>): Promise<Launcher> {
	running = startCommand(['demo'], { DATA_DIR, ...environment });
	return running;
}

const answers = (url: string) =>
	fetch(url, { redirect: 'manual' }).then(
		(response) => response.status < 500,
		() => false
	);

test.runIf(os.platform() === 'linux')(
	'the demo starts, heals what is killed, and ends without leaving anything',
	async () => {
		const ports = await freePorts();
		const demo = await startDemo(ports);
		const [, web = '', engine = '', erp = ''] = await demo.until(ready);
		expect(web).toBe(`http://127.0.0.1:${ports.PORT}`);
		expect(await Promise.all([`${web}/login`, `${engine}/health`, erp].map(answers))).toEqual([true, true, true]);
		expect(statSync(path.join(DATA_DIR, 'secret-key')).mode & 0o777).toBe(0o600);

		const url = runCommand(['db-url'], { DATA_DIR }).out;
		expect(url).toMatch(/^postgres:\/\/channel_mapping:\S+@127\.0\.0\.1:\d+\/channel_mapping\n$/);
		expect(runCommand(['demo'], { DATA_DIR }).err).toMatch(/^a demo runs on this database already/);

		const before = childrenOf(demo);
		for (const pid of before.values()) process.kill(pid, 'SIGKILL');
		await expect
			.poll(() => [...childrenOf(demo).keys()].sort(), { timeout: 20_000 })
			.toEqual([...before.keys()].sort());
		await expect.poll(() => answers(`${web}/login`), { timeout: 20_000 }).toBe(true);
		await expect.poll(() => answers(`${engine}/health`), { timeout: 20_000 }).toBe(true);
		expect(runCommand(['db-url'], { DATA_DIR }).out).toBe(url);

		expect(await demo.end('SIGTERM')).toBe(0);
		expect(findEmbedded(DATA_DIR)).toBeUndefined();
		expect(await Promise.all([web, engine, erp].map(answers))).toEqual([false, false, false]);
	}
);

test.runIf(os.platform() === 'linux')(
	'a launcher that is killed leaves only the database, and the next one takes it over',
	async () => {
		const ports = await freePorts();
		const first = await startDemo(ports);
		const [, , , , email, password] = await first.until(ready);
		await first.end('SIGKILL');
		await expect.poll(() => answers(`http://127.0.0.1:${ports.PORT}/login`), { timeout: 15_000 }).toBe(false);
		await expect.poll(() => answers(`http://127.0.0.1:${ports.ENGINE_PORT}/health`), { timeout: 15_000 }).toBe(false);
		const left = findEmbedded(DATA_DIR);
		expect(left?.isRunning()).toBe(true);

		const second = await startDemo(ports);
		expect((await second.until(ready)).slice(4)).toEqual([email, password]);
		expect(findEmbedded(DATA_DIR)?.pid).toBe(left?.pid);
		expect(await second.end('SIGINT')).toBe(0);
		expect(findEmbedded(DATA_DIR)).toBeUndefined();
	}
);
