import path from 'node:path';
import { buildWeb } from './build-web.ts';
import { type OpenDatabase, openDatabase, resetData } from './database.ts';
import { nextFreePort, requireFreePort } from './free-port.ts';
import { keepSecret } from './keep-secret.ts';
import { LaunchError } from './launch-error.ts';
import type { Lifecycle } from './lifecycle.ts';
import {
	channelUrl,
	demoChannel,
	engine,
	engineUrl,
	type Installation,
	scriptEnvironment,
	web,
	webUrl
} from './processes.ts';
import type { Settings } from './settings.ts';
import { runScript, supervise } from './supervise.ts';

export type Say = (line: string) => void;

const erpPort = 3002;
const shopPort = 3003;
const secretKeyBytes = 32;
const passwordBytes = 9;
const demoAdmin = 'admin@nordhang.example';

/** Production: web and engine, or the one that ROLE names. */
export async function start(settings: Settings, lifecycle: Lifecycle, say: Say): Promise<void> {
	if (settings.databaseUrl && !settings.secretKey) {
		throw new LaunchError(
			'SECRET_KEY is missing: with DATABASE_URL it must be given (make one with: openssl rand -base64 32)'
		);
	}
	const withWeb = settings.role !== 'engine';
	const withEngine = settings.role !== 'web';
	if (withWeb) await requireFreePort(settings.host, 'PORT', settings.port);
	if (withEngine) await requireFreePort(settings.host, 'ENGINE_PORT', settings.enginePort);
	const building = withWeb ? buildWeb(logIn(settings, 'build'), lifecycle, say) : Promise.resolve();
	const [database] = await Promise.all([open(settings, lifecycle, say), building]);
	const installation: Installation = {
		settings,
		databaseUrl: database.url,
		secretKey: secretKey(settings),
		webPort: settings.port,
		enginePort: settings.enginePort
	};
	await Promise.all([
		withEngine ? supervise(engine(installation), lifecycle, say) : undefined,
		withWeb ? supervise(web(installation), lifecycle, say) : undefined
	]);
	say(
		`ready:${withWeb ? ` web=${webUrl(installation)}` : ''}${withEngine ? ` engine=${engineUrl(installation)}` : ''}`
	);
}

/** Web and engine from their sources, each edit shown at once. */
export async function develop(settings: Settings, lifecycle: Lifecycle, say: Say): Promise<void> {
	await requireFreePort(settings.host, 'PORT', settings.port);
	await requireFreePort(settings.host, 'ENGINE_PORT', settings.enginePort);
	const database = await open(settings, lifecycle, say);
	const installation: Installation = {
		settings,
		databaseUrl: database.url,
		secretKey: secretKey(settings),
		webPort: settings.port,
		enginePort: settings.enginePort
	};
	await Promise.all([
		supervise(engine(installation, true), lifecycle, say),
		supervise(web(installation, true), lifecycle, say)
	]);
	say(`ready: web=${webUrl(installation)} engine=${engineUrl(installation)}`);
}

/** Everything on one machine, with two demo channels and demo data. `reset` starts over. */
export async function demo(given: Settings, reset: boolean, lifecycle: Lifecycle, say: Say): Promise<void> {
	if (reset) await resetData(given);
	const settings: Settings = {
		...given,
		role: 'all',
		adminEmail: given.adminEmail ?? demoAdmin,
		adminPassword: given.adminPassword ?? keepSecret(path.join(given.dataDirectory, 'admin-password'), passwordBytes)
	};
	const building = buildWeb(logIn(settings, 'build'), lifecycle, say);
	const [database] = await Promise.all([open(settings, lifecycle, say), building]);
	if (!(await database.claimDemo())) {
		throw new LaunchError('a demo runs on this database already: end it first, or set DATA_DIR to another folder');
	}
	const taken = new Set<number>();
	const choose = (wanted: number) => nextFreePort(settings.host, wanted, taken);
	const installation: Installation = {
		settings,
		databaseUrl: database.url,
		secretKey: secretKey(settings),
		webPort: await choose(settings.port),
		enginePort: await choose(settings.enginePort),
		logDirectory: path.join(settings.dataDirectory, 'log')
	};
	const erp = { kind: 'erp', port: await choose(erpPort) } as const;
	const shop = { kind: 'shop', port: await choose(shopPort) } as const;
	await Promise.all([erp, shop].map((channel) => supervise(demoChannel(installation, channel), lifecycle, say)));

	const urls = { ERP_URL: channelUrl(settings, erp), SHOP_URL: channelUrl(settings, shop) };
	const environment = { ...scriptEnvironment(database.url, installation.secretKey, settings), ...urls };
	if ((await runScript(['src/demo/seed-demo.ts'], environment)) !== 0)
		throw new LaunchError('making the demo data failed');

	const demoWeb = web({ ...installation, demo: { erpUrl: urls.ERP_URL, shopUrl: urls.SHOP_URL } });
	await Promise.all([supervise(engine(installation), lifecycle, say), supervise(demoWeb, lifecycle, say)]);
	say(`ready: web=${webUrl(installation)} engine=${engineUrl(installation)} erp=${urls.ERP_URL}`);
	say(`login: email=${settings.adminEmail} password=${settings.adminPassword}`);
}

/** Opens the database; it is let go of at the end, also when that comes while it still opens. */
async function open(settings: Settings, lifecycle: Lifecycle, say: Say): Promise<OpenDatabase> {
	const opening = openDatabase(settings, say);
	lifecycle.onEnd('database', async () => {
		const opened = await opening.catch(() => undefined);
		await opened?.release();
	});
	return opening;
}

/** The key that credentials are encrypted with: the given one, else one made once for this data directory. */
export function secretKey(settings: Settings): string {
	return settings.secretKey ?? keepSecret(path.join(settings.dataDirectory, 'secret-key'), secretKeyBytes);
}

function logIn(settings: Settings, name: string): string {
	return path.join(settings.dataDirectory, 'log', `${name}.log`);
}
