import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The process of a Tryton server on a loopback port. */
export type Trytond = {
	url: string;
	/** kill -9, and waits until it is gone. */
	end(): Promise<void>;
	/** Starts it again where it was, after `end`. */
	again(): Promise<void>;
	/** Ends it and removes its folder. */
	stop(): Promise<void>;
};

export type TrytondOptions = {
	/** Configuration, log and, on SQLite, the databases. */
	folder: string;
	/** A free one where none is given. */
	port?: number | undefined;
	/** `postgresql://user:password@host:port/`; SQLite files in `folder` where none is given. */
	databaseUri?: string | undefined;
};

const bootTimeoutMs = 60_000;

/** Starts trytond and waits until it answers. Throws with the end of its log where it does not. */
export async function bootTrytond({ folder, port: wanted, databaseUri }: TrytondOptions): Promise<Trytond> {
	const port = wanted ?? (await freePort());
	const configuration = await writeConfiguration({ folder, port, databaseUri });
	const url = `http://127.0.0.1:${port}`;
	let child: ChildProcess | undefined;
	const killAtExit = () => {
		child?.kill('SIGKILL');
		rmSync(folder, { recursive: true, force: true });
	};
	process.once('exit', killAtExit);
	const end = async () => {
		if (child) await ended(child);
	};
	const again = async () => {
		child = await started(configuration, folder, url);
	};
	const stop = async () => {
		process.off('exit', killAtExit);
		await end();
		await rm(folder, { recursive: true, force: true });
	};
	try {
		await again();
	} catch (error) {
		process.off('exit', killAtExit);
		throw error;
	}
	return { url, end, again, stop };
}

async function started(configuration: string, folder: string, url: string): Promise<ChildProcess> {
	const log = join(folder, 'trytond.log');
	const output = openSync(log, 'a');
	// setpriv lets the kernel end trytond when this process dies, however it dies.
	const command = ['--pdeathsig', 'KILL', '/usr/bin/trytond', '-c', configuration];
	const child = spawn('/usr/bin/setpriv', command, { stdio: ['ignore', output, output], env: trytonEnvironment() });
	closeSync(output);
	try {
		await answering(url, child);
		return child;
	} catch (error) {
		await ended(child);
		const words = (await readFile(log, 'utf8')).trim().split('\n').slice(-15).join('\n');
		throw new Error(`trytond did not start at ${url}:\n${words}`, { cause: error });
	}
}

async function answering(url: string, child: ChildProcess): Promise<void> {
	const body = JSON.stringify({ id: 1, method: 'common.server.version', params: [] });
	const until = Date.now() + bootTimeoutMs;
	for (;;) {
		if (child.exitCode !== null || child.signalCode !== null) throw new Error('trytond ended by itself');
		const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
		const reply = await fetch(`${url}/`, init).catch(() => undefined);
		if (reply?.ok) return;
		if (Date.now() > until) throw new Error(`no answer within ${bootTimeoutMs} ms`);
		await delay(50);
	}
}

async function ended(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const exit = new Promise((resolve) => child.once('exit', resolve));
	child.kill('SIGKILL');
	await exit;
}

/** Writes trytond.conf and what it names; returns its path. */
export async function writeConfiguration({ folder, port, databaseUri }: TrytondOptions): Promise<string> {
	const path = join(folder, 'trytond.conf');
	const passlib = join(folder, 'passlib.ini');
	const sections = [
		['[web]', `listen = 127.0.0.1:${port ?? 0}`, `root = ${join(folder, 'www')}`],
		['[database]', `uri = ${databaseUri ?? 'sqlite://'}`, `path = ${folder}`, 'list = False'],
		['[session]', 'timeout = 86400', 'max_age = 2592000'],
		['[password]', `passlib = ${passlib}`]
	];
	// A login takes a quarter of a second with the usual hash, and the tests log in hundreds of times.
	await writeFile(passlib, '[passlib]\nschemes = sha256_crypt\nsha256_crypt__default_rounds = 1000\n');
	await mkdir(join(folder, 'www'), { recursive: true });
	await writeFile(path, `${sections.flat().join('\n')}\n`, { mode: 0o600 });
	return path;
}

/** Only what the server needs: a PYTHONPATH or virtual environment of the caller would break Debian's Tryton. */
export function trytonEnvironment(): NodeJS.ProcessEnv {
	return { PATH: '/usr/bin:/bin', HOME: tmpdir(), LANG: 'C.UTF-8' };
}

/** A loopback port that nobody listens on. */
export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const probe = createServer();
		probe.once('error', reject);
		probe.listen(0, '127.0.0.1', () => {
			const address = probe.address();
			probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
		});
	});
}
