import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
	chownSync,
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync
} from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabaseIfMissing } from '../create-database.ts';
import { DatabaseError } from '../database-error.ts';
import { runUnder } from './account.ts';
import { findBinaries, program } from './binaries.ts';
import { filesIn, type Place, preparePlace } from './place.ts';
import { isRunning, runningPostmaster } from './postmaster.ts';
import { withStartLock } from './start-lock.ts';

const user = 'channel_mapping';
const startTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;
const pollMs = 15;
const attempts = 20;
const attemptPauseMs = 250;
const longestLogBytes = 16 * 1024 * 1024;

/** A PostgreSQL 18 that lives in a data directory and listens on the loopback address only. */
export type EmbeddedServer = {
	url: string;
	port: number;
	pid: number;
	/** It ran already when we asked for it. */
	adopted: boolean;
	isRunning(): boolean;
	/** Ends it in order (open transactions are rolled back, the files are complete) and waits for the end. */
	stop(): Promise<void>;
};

export type EmbeddedOptions = {
	dataDirectory: string;
	/** Where to listen; any free port if not given. A server that runs already keeps its own. */
	port?: number;
	/** Server settings beside the usual ones, such as `{ fsync: 'off' }` for tests. */
	settings?: Record<string, string>;
};

/**
 * The running server of `dataDirectory`: adopted if there is one, else started, on first use after making its files; one that
 * was asked to end is not waited for. It outlives this process unless stopped. Several processes may ask at once.
 * @throws DatabaseError
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
	const place = preparePlace(options.dataDirectory);
	const server = await withStartLock(place.startLock, async () => {
		const running = runningPostmaster(place.cluster);
		if (running?.stopping) await stop(place.cluster, running.pid);
		else if (running) return describe(place, await untilReady(place, running.pid), running.pid, true);
		if (!existsSync(place.cluster)) initialise(place);
		return start(place, options);
	});
	await createDatabaseIfMissing(server.url);
	return server;
}

/** The server of `dataDirectory` if it runs; nothing is started or made. */
export function findEmbedded(dataDirectory: string): EmbeddedServer | undefined {
	const place = filesIn(dataDirectory);
	if (!existsSync(place.cluster)) return undefined;
	const running = runningPostmaster(place.cluster);
	return running?.ready ? describe(place, running.port, running.pid, true) : undefined;
}

function describe(
	place: Pick<Place, 'cluster' | 'password'>,
	port: number,
	pid: number,
	adopted: boolean
): EmbeddedServer {
	return {
		url: `postgres://${user}:${readPassword(place)}@127.0.0.1:${port}/${user}`,
		port,
		pid,
		adopted,
		isRunning: () => isRunning(pid) && runningPostmaster(place.cluster)?.pid === pid,
		stop: () => stop(place.cluster, pid)
	};
}

function readPassword(place: Pick<Place, 'cluster' | 'password'>): string {
	try {
		return readFileSync(place.password, 'utf8').trim();
	} catch (error) {
		const message = `the password of the embedded database cannot be read from ${place.password}`;
		const hint = `restore that file, or delete ${place.cluster} to start over with an empty database`;
		throw new DatabaseError('server-failed', message, hint, error);
	}
}

/** Makes the files beside their final place: a start that was cut off leaves nothing half-made. */
function initialise(place: Place): void {
	const unfinished = `${place.cluster}.new`;
	rmSync(unfinished, { recursive: true, force: true });
	mkdirSync(unfinished, { mode: 0o700 });
	writeFileSync(place.password, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
	for (const owned of [unfinished, place.password]) {
		if (place.account) chownSync(owned, place.account.uid, place.account.gid);
	}
	const result = spawnSync(
		program(place.native, 'initdb'),
		[
			...['-D', unfinished, '-U', user, '-A', 'scram-sha-256', `--pwfile=${place.password}`, '-E', 'UTF8'],
			// PostgreSQL's own locale sorts alike on every host.
			...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--no-instructions']
		],
		{ ...runUnder(place.account), encoding: 'utf8', env: serverEnvironment() }
	);
	if (result.status !== 0) {
		const reason = result.error?.message ?? lastLine(result.stderr);
		throw failure(`making the embedded database failed: ${reason}`, place);
	}
	renameSync(unfinished, place.cluster);
}

async function start(place: Place, options: EmbeddedOptions): Promise<EmbeddedServer> {
	for (let attempt = 1; ; attempt++) {
		const port = options.port ?? (await freePort());
		const outcome = await attemptStart(place, port, options.settings ?? {});
		if (outcome.pid !== undefined) return describe(place, port, outcome.pid, false);
		// Backends of a killed server go away by themselves, and a free port may be taken in between.
		const passes = /shared memory block|could not bind|Address already in use|lock file "postmaster.pid" is empty/.test(
			outcome.log
		);
		if (!passes || attempt === attempts) throw failure(`PostgreSQL did not start: ${lastLine(outcome.log)}`, place);
		await sleep(attemptPauseMs);
	}
}

type Attempt = { pid: number } | { pid: undefined; log: string };

async function attemptStart(place: Place, port: number, settings: Record<string, string>): Promise<Attempt> {
	const logBytes = statSync(place.log, { throwIfNoEntry: false })?.size ?? 0;
	const log = openSync(place.log, logBytes > longestLogBytes ? 'w' : 'a', 0o600);
	const child = spawn(program(place.native, 'postgres'), serverArguments(place.cluster, port, settings), {
		...runUnder(place.account),
		detached: true,
		stdio: ['ignore', log, log],
		windowsHide: true,
		env: serverEnvironment()
	});
	closeSync(log);
	child.unref();
	let spawnFailure = '';
	child.on('error', (error) => (spawnFailure = error.message));

	const deadline = Date.now() + startTimeoutMs;
	while (Date.now() < deadline && child.exitCode === null && child.signalCode === null && spawnFailure === '') {
		const running = runningPostmaster(place.cluster);
		if (running?.ready && running.pid === child.pid) return { pid: running.pid };
		await sleep(pollMs);
	}
	const written = readFileSync(place.log);
	return {
		pid: undefined,
		log: spawnFailure || written.subarray(logBytes > longestLogBytes ? 0 : logBytes).toString()
	};
}

function serverArguments(cluster: string, port: number, settings: Record<string, string>): string[] {
	const all = {
		listen_addresses: '127.0.0.1',
		unix_socket_directories: '',
		max_connections: '200',
		shared_buffers: '256MB',
		max_wal_size: '2GB',
		jit: 'off',
		timezone: 'UTC',
		log_timezone: 'UTC',
		...settings
	};
	const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
	return ['-D', cluster, '-p', `${port}`, ...flags];
}

function serverEnvironment(): NodeJS.ProcessEnv {
	return { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
}

/** Waits for a server that another process started, or that recovers after a crash; returns its port. */
async function untilReady(place: Place, pid: number): Promise<number> {
	const deadline = Date.now() + startTimeoutMs;
	while (Date.now() < deadline) {
		const running = runningPostmaster(place.cluster);
		if (running?.pid !== pid) throw failure('PostgreSQL ended while it was starting', place);
		if (running.ready) return running.port;
		await sleep(pollMs);
	}
	throw failure(`PostgreSQL (process ${pid}) does not become ready`, place);
}

async function stop(cluster: string, pid: number): Promise<void> {
	// On Windows a signal would end it at once instead of in order.
	if (os.platform() === 'win32') {
		const native = findBinaries(undefined, path.dirname(cluster));
		spawnSync(program(native, 'pg_ctl'), ['stop', '-D', cluster, '-m', 'fast', '-w']);
		return;
	}
	for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
		if (runningPostmaster(cluster)?.pid === pid) process.kill(pid, signal);
		else if (signal === 'SIGINT') return;
		const deadline = Date.now() + stopTimeoutMs;
		while (Date.now() < deadline) {
			if (!isRunning(pid)) return;
			await sleep(pollMs);
		}
	}
	throw new DatabaseError(
		'server-failed',
		`PostgreSQL (process ${pid}) does not stop`,
		`look into the log in ${cluster}`
	);
}

function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const probe = net.createServer();
		probe.once('error', reject);
		probe.listen(0, '127.0.0.1', () => {
			const address = probe.address();
			probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
		});
	});
}

function failure(message: string, place: Place): DatabaseError {
	return new DatabaseError('server-failed', message, `see ${place.log}, or set DATABASE_URL to a server of your own`);
}

function lastLine(text: string): string {
	const lines = text.trim().split('\n');
	return lines.findLast((line) => /FATAL|PANIC|error/.test(line)) ?? lines.at(-1) ?? '';
}
