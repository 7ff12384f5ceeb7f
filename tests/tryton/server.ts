import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, rmSync } from 'node:fs';
import { access, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connect, decimal, type TrytonClient, type TrytonLogin } from './client.ts';
import { trytonVersion, whyNoTryton } from './install.mjs';

/** A database of its own in a running Tryton, for one scenario. */
export type TrytonDatabase = TrytonLogin & { client: TrytonClient };

export type TrytonServer = TrytonDatabase & {
	/** Another fresh copy of the seeded database in the same server, in a fraction of a second. */
	freshDatabase(): Promise<TrytonDatabase>;
	/** Ends the server and removes its files. */
	stop(): Promise<void>;
};

const user = 'admin';
const password = 'tryton-test-1';
/** What the cached database was made with; another text makes another cache folder. */
const setup = JSON.stringify({ modules: ['party', 'product'], seed: 'euro, one company', hash: 'sha256, 1000 rounds' });
const seeded = 'seeded';
const bootTimeoutMs = 60_000;

/**
 * Starts Debian's Tryton on SQLite and a free loopback port, with modules party and product, a currency and a company.
 * The database is initialised once per machine user (about 15 s) and copied after that. Throws where it cannot start.
 */
export async function startTryton(options: { port?: number } = {}): Promise<TrytonServer> {
	const reason = whyNoTryton();
	if (reason) throw new Error(reason);
	const template = await seededDatabase();
	const folder = await mkdtemp(join(tmpdir(), 'channel-mapping-tryton-run-'));
	const server = await boot(folder, options.port);
	let copies = 0;
	async function freshDatabase(): Promise<TrytonDatabase> {
		const database = `copy${(copies += 1)}`;
		await copyFile(template, databaseFile(folder, database));
		const login = { url: server.url, database, user, password };
		return { ...login, client: await connect(login) };
	}
	try {
		return { ...(await freshDatabase()), freshDatabase, stop: () => server.stop() };
	} catch (error) {
		await server.stop();
		throw error;
	}
}

/** Path of the seeded database file, made where this machine user has none yet. Two at once do no harm. */
async function seededDatabase(): Promise<string> {
	const hash = createHash('sha256').update(`${setup} ${userInfo().uid}`).digest('hex').slice(0, 12);
	const cache = join(tmpdir(), `channel-mapping-tryton-${trytonVersion().replace(/[^\w.+-]/g, '-')}-${hash}`);
	if (await exists(databaseFile(cache, seeded))) return databaseFile(cache, seeded);
	const folder = await mkdtemp(`${cache}-making-`);
	try {
		await initialise(folder);
		await rename(folder, cache);
	} catch (error) {
		await rm(folder, { recursive: true, force: true });
		if (!(await exists(databaseFile(cache, seeded)))) throw error;
	}
	return databaseFile(cache, seeded);
}

async function initialise(folder: string): Promise<void> {
	const configuration = await writeConfiguration(folder, 0);
	const passwordFile = join(folder, 'password');
	await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
	// A missing file is an error for trytond-admin, an empty one is a new database.
	await writeFile(databaseFile(folder, seeded), '');
	const wanted = ['-u', 'product', 'party', '--activate-dependencies', '--email', 'admin@example.com'];
	await promisify(execFile)('/usr/bin/trytond-admin', ['-c', configuration, '-d', seeded, ...wanted], {
		env: { ...environment(), TRYTONPASSFILE: passwordFile }
	});
	const server = await boot(folder);
	try {
		await seed(await connect({ url: server.url, database: seeded, user, password }));
	} finally {
		await server.end();
	}
}

/** Prices belong to a company, and a company needs a currency. */
async function seed(client: TrytonClient): Promise<void> {
	const rates = [['create', [{ rate: decimal('1') }]]];
	const euro = { name: 'Euro', symbol: '€', code: 'EUR', digits: 2, rounding: decimal('0.01'), rates };
	const currency = await client.create('currency.currency', euro);
	const party = await client.create('party.party', { name: 'Tryton Test Company', code: 'COMPANY' });
	const company = await client.create('company.company', { party, currency });
	await client.write('res.user', 1, { companies: [['add', [company]]], company });
}

type Running = { url: string; end(): Promise<void>; stop(): Promise<void> };

/** Starts trytond over the databases in `folder`, on `port` or a free one, and waits until it answers. */
async function boot(folder: string, wantedPort?: number): Promise<Running> {
	const port = wantedPort ?? (await freePort());
	const log = join(folder, 'trytond.log');
	const output = openSync(log, 'a');
	// setpriv lets the kernel end trytond when this process dies, however it dies.
	const command = ['--pdeathsig', 'KILL', '/usr/bin/trytond', '-c', await writeConfiguration(folder, port)];
	const child = spawn('/usr/bin/setpriv', command, { stdio: ['ignore', output, output], env: environment() });
	closeSync(output);
	const killAtExit = () => {
		child.kill('SIGKILL');
		rmSync(folder, { recursive: true, force: true });
	};
	process.once('exit', killAtExit);
	const end = async () => {
		process.off('exit', killAtExit);
		await ended(child);
	};
	const url = `http://127.0.0.1:${port}`;
	try {
		await answering(url, child);
	} catch (error) {
		await end();
		const words = (await readFile(log, 'utf8')).trim().split('\n').slice(-15).join('\n');
		throw new Error(`trytond did not start on port ${port}:\n${words}`, { cause: error });
	}
	const stop = async () => {
		await end();
		await rm(folder, { recursive: true, force: true });
	};
	return { url, end, stop };
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

async function writeConfiguration(folder: string, port: number): Promise<string> {
	const path = join(folder, 'trytond.conf');
	const passlib = join(folder, 'passlib.ini');
	const sections = [
		['[web]', `listen = 127.0.0.1:${port}`, `root = ${join(folder, 'www')}`],
		['[database]', 'uri = sqlite://', `path = ${folder}`, 'list = False'],
		['[session]', 'timeout = 86400', 'max_age = 2592000'],
		['[password]', `passlib = ${passlib}`]
	];
	// A login takes a quarter of a second with the usual hash, and the tests log in hundreds of times.
	await writeFile(passlib, '[passlib]\nschemes = sha256_crypt\nsha256_crypt__default_rounds = 1000\n');
	await mkdir(join(folder, 'www'), { recursive: true });
	await writeFile(path, `${sections.flat().join('\n')}\n`);
	return path;
}

/** Only what the server needs: a PYTHONPATH or virtual environment of the caller would break Debian's Tryton. */
function environment(): NodeJS.ProcessEnv {
	return { PATH: '/usr/bin:/bin', HOME: tmpdir(), LANG: 'C.UTF-8' };
}

function databaseFile(folder: string, database: string): string {
	return join(folder, `${database}.sqlite`);
}

async function exists(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false
	);
}

function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const probe = createServer();
		probe.once('error', reject);
		probe.listen(0, '127.0.0.1', () => {
			const address = probe.address();
			const port = typeof address === 'object' && address ? address.port : 0;
			probe.close(() => resolve(port));
		});
	});
}
