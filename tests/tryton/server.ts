import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { access, copyFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { connect, decimal, type TrytonClient, type TrytonLogin } from './client.ts';
import { modules, salesModules, trytonVersion, whyNoTryton, whyNoTrytonOnPostgres } from './install.mjs';
import { bootTrytond, trytonEnvironment, writeConfiguration } from './trytond.ts';

/** A database of its own in a running Tryton, for one scenario. */
export type TrytonDatabase = TrytonLogin & { client: TrytonClient };

/** Which modules are active: those of goods, or sales as well. */
export type DatabaseKind = 'goods' | 'sales';

type TrytonProcess = {
	/** kill -9. */
	kill(): Promise<void>;
	/** Starts it again after `kill`, at the same address. */
	restart(): Promise<void>;
	/** Ends the server and removes its files and databases. */
	stop(): Promise<void>;
};

export type TrytonServer = TrytonDatabase &
	TrytonProcess & {
		/** Another fresh copy of a seeded database in the same server, in a fraction of a second. */
		freshDatabase(kind?: DatabaseKind): Promise<TrytonDatabase>;
		/** The SQLite file of one of its databases. */
		fileOf(database: string): string;
	};

const user = 'admin';
const password = 'tryton-test-1';
const modulesOf: Readonly<Record<DatabaseKind, readonly string[]>> = { goods: modules, sales: salesModules };
const seeded = 'seeded';

/**
 * Starts Debian's Tryton on SQLite and a free loopback port, with the modules that the connector knows, a currency and a company.
 * The database is initialised once per machine user (about 20 s) and copied after that. Throws where it cannot start.
 */
export async function startTryton(options: { port?: number } = {}): Promise<TrytonServer> {
	const reason = whyNoTryton();
	if (reason) throw new Error(reason);
	await seededDatabase('goods');
	const folder = await mkdtemp(join(tmpdir(), 'channel-mapping-tryton-run-'));
	const server = await bootOrRemove(folder, { port: options.port });
	let copies = 0;
	async function freshDatabase(kind: DatabaseKind = 'goods'): Promise<TrytonDatabase> {
		const database = `copy${(copies += 1)}`;
		await copyFile(await seededDatabase(kind), databaseFile(folder, database));
		const login = { url: server.url, database, user, password };
		return { ...login, client: await connect(login) };
	}
	try {
		return {
			...(await freshDatabase()),
			freshDatabase,
			fileOf: (database) => databaseFile(folder, database),
			kill: () => server.end(),
			restart: () => server.again(),
			stop: () => server.stop()
		};
	} catch (error) {
		await server.stop();
		throw error;
	}
}

/**
 * Starts Debian's Tryton with a database of its own on a PostgreSQL server, where its write precondition is exact. `url`
 * names a user there who may create databases. It has products and parties only: initialising takes more than a minute. Throws where it cannot start.
 */
export async function startTrytonOnPostgres(
	url: string
): Promise<TrytonDatabase & TrytonProcess & { databaseUrl: string }> {
	const reason = whyNoTrytonOnPostgres();
	if (reason) throw new Error(reason);
	const database = `tryton_${randomBytes(4).toString('hex')}`;
	const { username, password: secret, host } = new URL(url);
	const databaseUri = `postgresql://${username}:${secret}@${host}/`;
	await maintain(url, (sql) => sql`create database ${sql(database)} template template0 encoding 'UTF8'`);
	const folder = await mkdtemp(join(tmpdir(), 'channel-mapping-tryton-run-'));
	const forget = () => maintain(url, (sql) => sql`drop database if exists ${sql(database)} with (force)`);
	try {
		await initialise(folder, database, ['product', 'party'], databaseUri);
		const server = await bootOrRemove(folder, { databaseUri });
		const login = { url: server.url, database, user, password };
		await seed(await connect(login));
		// A session keeps the preferences that it began with, and prices belong to the company in them.
		const client = await connect(login);
		const databaseUrl = new URL(url);
		databaseUrl.pathname = `/${database}`;
		return {
			...login,
			client,
			databaseUrl: databaseUrl.href,
			kill: () => server.end(),
			restart: () => server.again(),
			async stop() {
				await server.stop();
				await forget();
			}
		};
	} catch (error) {
		await forget();
		throw error;
	}
}

async function maintain(url: string, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
	const maintenance = new URL(url);
	maintenance.pathname = '/postgres';
	const sql = postgres(maintenance.href, { max: 1, onnotice: () => undefined });
	try {
		await work(sql);
	} finally {
		await sql.end();
	}
}

async function bootOrRemove(folder: string, options: { port?: number | undefined; databaseUri?: string }) {
	try {
		return await bootTrytond({ folder, ...options });
	} catch (error) {
		await rm(folder, { recursive: true, force: true });
		throw error;
	}
}

/** Path of a seeded database file, made where this machine user has none yet. Two at once do no harm. */
async function seededDatabase(kind: DatabaseKind): Promise<string> {
	// Another text makes another cache folder.
	const setup = JSON.stringify({ modules: modulesOf[kind], seed: 'euro, one company', hash: 'sha256, 1000 rounds' });
	const hash = createHash('sha256').update(`${setup} ${userInfo().uid}`).digest('hex').slice(0, 12);
	const cache = join(tmpdir(), `channel-mapping-tryton-${trytonVersion().replace(/[^\w.+-]/g, '-')}-${hash}`);
	if (await exists(databaseFile(cache, seeded))) return databaseFile(cache, seeded);
	const folder = await mkdtemp(`${cache}-making-`);
	try {
		// A missing file is an error for trytond-admin, an empty one is a new database.
		await writeFile(databaseFile(folder, seeded), '');
		await initialise(folder, seeded, modulesOf[kind]);
		const server = await bootTrytond({ folder });
		try {
			await seed(await connect({ url: server.url, database: seeded, user, password }));
		} finally {
			await server.end();
		}
		await rename(folder, cache);
	} catch (error) {
		await rm(folder, { recursive: true, force: true });
		if (!(await exists(databaseFile(cache, seeded)))) throw error;
	}
	return databaseFile(cache, seeded);
}

async function initialise(
	folder: string,
	database: string,
	wanted: readonly string[],
	databaseUri?: string
): Promise<void> {
	const configuration = await writeConfiguration({ folder, databaseUri });
	const passwordFile = join(folder, 'password');
	await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
	const parameters = ['-u', ...wanted, '--activate-dependencies', '--email', 'admin@example.com'];
	await promisify(execFile)('/usr/bin/trytond-admin', ['-c', configuration, '-d', database, ...parameters], {
		env: { ...trytonEnvironment(), TRYTONPASSFILE: passwordFile }
	});
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

function databaseFile(folder: string, database: string): string {
	return join(folder, `${database}.sqlite`);
}

async function exists(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false
	);
}
