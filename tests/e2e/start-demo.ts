import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const readyWithinMs = 180_000;
const endedWithinMs = 40_000;

/**
 * Starts the demo as `npm run demo` does, with data of its own, once for all browser tests. They find it in the environment:
 * WEB_URL, ENGINE_URL, ERP_URL, ADMIN_EMAIL, ADMIN_PASSWORD, DATA_DIR.
 */
export default async function startDemo(): Promise<() => Promise<void>> {
	const dataDirectory = mkdtempSync(path.join(os.tmpdir(), 'channel-mapping-e2e-'));
	const [port, enginePort] = await freePorts(2);
	const launcher = spawn(process.execPath, ['src/launch.mjs', 'demo'], {
		env: {
			...withoutSettings(),
			DATA_DIR: dataDirectory,
			PORT: `${port}`,
			ENGINE_PORT: `${enginePort}`
		},
		stdio: ['ignore', 'pipe', 'pipe']
	});
	const end = async () => {
		await endOf(launcher);
		rmSync(dataDirectory, { recursive: true, force: true });
	};
	try {
		const output = await outputUntil(launcher, /^login: .*$/m);
		const [, web, engine, erp] = /^ready: web=(\S+) engine=(\S+) erp=(\S+)$/m.exec(output) ?? [];
		const [, email, password] = /^login: email=(\S+) password=(\S+)$/m.exec(output) ?? [];
		Object.assign(process.env, {
			WEB_URL: web,
			ENGINE_URL: engine,
			ERP_URL: erp,
			ADMIN_EMAIL: email,
			ADMIN_PASSWORD: password,
			DATA_DIR: dataDirectory
		});
	} catch (error) {
		await end();
		throw error;
	}
	return end;
}

/** The demo starts as on a fresh machine, whatever the shell is set to. */
function withoutSettings(): NodeJS.ProcessEnv {
	const settings = [
		'HOST',
		'DATABASE_URL',
		'SECRET_KEY',
		'ORIGIN',
		'ADMIN_EMAIL',
		'ADMIN_PASSWORD',
		'ROLE',
		'ENGINE_URL'
	];
	return Object.fromEntries(Object.entries(process.env).filter(([name]) => !settings.includes(name)));
}

function outputUntil(child: ChildProcess, pattern: RegExp): Promise<string> {
	let output = '';
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error(`the demo does not get ready:\n${output}`)), readyWithinMs);
		const read = (text: Buffer) => {
			output += text.toString();
			if (pattern.test(output)) {
				clearTimeout(timer);
				resolve(output);
			}
		};
		child.stdout?.on('data', read);
		child.stderr?.on('data', read);
		child.once('exit', (code) => {
			clearTimeout(timer);
			reject(new Error(`the demo ended with ${code}:\n${output}`));
		});
	});
}

async function endOf(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	child.kill('SIGTERM');
	const timer = setTimeout(() => child.kill('SIGKILL'), endedWithinMs);
	await ended;
	clearTimeout(timer);
}

async function freePorts(count: number): Promise<number[]> {
	const servers = Array.from({ length: count }, () => net.createServer());
	const ports = await Promise.all(
		servers.map(
			(server) =>
				new Promise<number>((resolve, reject) => {
					server.once('error', reject);
					server.listen(0, '127.0.0.1', () => {
						const address = server.address();
						resolve(typeof address === 'object' && address ? address.port : 0);
					});
				})
		)
	);
	await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
	return ports;
}
