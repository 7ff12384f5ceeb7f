import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import postgres from 'postgres';
import { connect, type VendureClient, type VendureLogin } from './client.ts';
import { vendureFolder, whyNoVendure } from './install.mjs';

/** A running Vendure with a database of its own. */
export type VendureServer = VendureLogin & {
	client: VendureClient;
	databaseUrl: string;
	/** Ends the server and removes its database. */
	stop(): Promise<void>;
};

const user = 'superadmin';
const password = 'vendure-test-1';
const bootTimeoutMs = 300_000;
const pluginFile = path.resolve(
	import.meta.dirname,
	'../../src/engine/connectors/vendure/plugin/channel-mapping-plugin.cjs'
);

/**
 * Starts Vendure on a free loopback port, with a zone, a tax rate and two currencies. `url` is that of a database whose
 * server and name prefix it uses. Throws where it cannot start.
 */
export async function startVendure(url: string, { plugin }: { plugin: boolean }): Promise<VendureServer> {
	const reason = whyNoVendure();
	if (reason) throw new Error(reason);
	const databaseUrl = new URL(url);
	databaseUrl.pathname = `${databaseUrl.pathname}_vendure_${randomBytes(4).toString('hex')}`;
	const name = databaseUrl.pathname.slice(1);
	await maintain(url, (sql) => sql`create database ${sql(name)} template template0 encoding 'UTF8'`);
	const drop = () => maintain(url, (sql) => sql`drop database if exists ${sql(name)} with (force)`);
	const port = await freePort();
	let child: ChildProcess | undefined;
	const stop = async () => {
		if (child) await ended(child);
		await drop();
	};
	try {
		child = await booted({ port, database: databaseUrl.href, plugin: plugin ? await installedPlugin() : null });
		const login = { url: `http://127.0.0.1:${port}/admin-api`, user, password };
		const client = await connect(login);
		await seed(client);
		return { ...login, client, databaseUrl: databaseUrl.href, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

/** Where an operator would put it: beside the configuration of the shop. */
async function installedPlugin(): Promise<string> {
	const folder = path.join(vendureFolder(), 'plugins', randomBytes(4).toString('hex'));
	await mkdir(folder, { recursive: true });
	const file = path.join(folder, path.basename(pluginFile));
	await copyFile(pluginFile, file);
	return file;
}

async function booted(options: { port: number; database: string; plugin: string | null }): Promise<ChildProcess> {
	const settings = JSON.stringify({ ...options, folder: vendureFolder(), password });
	const child = spawn(process.execPath, [path.join(import.meta.dirname, 'serve.mjs'), settings], {
		cwd: vendureFolder(),
		stdio: ['ignore', 'pipe', 'pipe'],
		env: { ...process.env, TZ: 'UTC', NODE_ENV: 'production' }
	});
	const killAtExit = () => void child.kill('SIGKILL');
	process.once('exit', killAtExit);
	child.once('exit', () => process.off('exit', killAtExit));
	let said = '';
	await new Promise<void>((resolve, reject) => {
		const failed = (why: string) => reject(new Error(`Vendure did not start (${why}):\n${said.slice(-3000)}`));
		const timer = setTimeout(() => failed('no answer in time'), bootTimeoutMs);
		child.once('exit', (code) => failed(`exit code ${code}`));
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding('utf8').on('data', (text: string) => {
				said = (said + text).slice(-10_000);
				if (!said.includes('vendure is up')) return;
				clearTimeout(timer);
				resolve();
			});
		}
	}).catch(async (error: unknown) => {
		await ended(child);
		throw error;
	});
	return child;
}

async function ended(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const gone = new Promise((resolve) => child.once('exit', resolve));
	child.kill('SIGKILL');
	await gone;
}

/** A new shop can price nothing before it has a zone with a tax rate. */
async function seed(client: VendureClient): Promise<void> {
	const made = async (document: string, variables: object = {}) =>
		(await client.call<{ made: { id: string } }>(`mutation ${document}`, variables)).made.id;
	await client.call('mutation { updateGlobalSettings(input: { availableLanguages: [en, de] }) { __typename } }');
	const country = await made(
		'{ made: createCountry(input: { code: "DE", enabled: true, translations: [{ languageCode: en, name: "Germany" }] }) { id } }'
	);
	const zone = await made('($ids: [ID!]) { made: createZone(input: { name: "EU", memberIds: $ids }) { id } }', {
		ids: [country]
	});
	const category = await made('{ made: createTaxCategory(input: { name: "Standard", isDefault: true }) { id } }');
	await made(
		'($zone: ID!, $category: ID!) { made: createTaxRate(input: { name: "19 %", enabled: true, value: 19, categoryId: $category, zoneId: $zone }) { id } }',
		{ zone, category }
	);
	const { activeChannel } = await client.call<{ activeChannel: { id: string } }>('{ activeChannel { id } }');
	const { updateChannel } = await client.call<{ updateChannel: { __typename: string } }>(
		`mutation ($input: UpdateChannelInput!) { updateChannel(input: $input) { __typename } }`,
		{
			input: {
				id: activeChannel.id,
				defaultTaxZoneId: zone,
				defaultShippingZoneId: zone,
				defaultCurrencyCode: 'EUR',
				availableCurrencyCodes: ['EUR', 'USD'],
				availableLanguageCodes: ['en', 'de'],
				// Prices are read and written as they were entered, whatever they include.
				pricesIncludeTax: true
			}
		}
	);
	if (updateChannel.__typename !== 'Channel') throw new Error(updateChannel.__typename);
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

function freePort(): Promise<number> {
	const probe = createServer();
	return new Promise((resolve, reject) => {
		probe.once('error', reject);
		probe.listen(0, '127.0.0.1', () => {
			const address = probe.address();
			probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
		});
	});
}
