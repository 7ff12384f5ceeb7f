import path from 'node:path';
import { type Settings, localUrl, projectDirectory } from './settings.ts';
import type { Child } from './supervise.ts';

/** Addresses and secrets that the processes of one installation share. */
export type Installation = {
	settings: Settings;
	databaseUrl: string;
	secretKey: string;
	webPort: number;
	enginePort: number;
	/** Addresses of the demo's two systems, where this is the demo. */
	demo?: { erpUrl: string; shopUrl: string };
	/** Folder for the output of the processes; their output is ours if not given. */
	logDirectory?: string;
};

export type DemoChannel = { kind: 'erp' | 'shop'; port: number };

const secrets = ['DATABASE_URL', 'SECRET_KEY', 'ADMIN_PASSWORD'];
const webShutdownSeconds = 5;
const largestBody = '12M';

export function webUrl({ settings, webPort }: Installation): string {
	return localUrl(settings.host, webPort);
}

export function engineUrl({ settings, enginePort }: Installation): string {
	return settings.role === 'web' && settings.engineUrl ? settings.engineUrl : localUrl(settings.host, enginePort);
}

export function channelUrl(settings: Settings, channel: DemoChannel): string {
	return localUrl(settings.host, channel.port);
}

/** The sync engine; `watch` restarts it when its source changes. */
export function engine(installation: Installation, watch = false): Child {
	const { settings } = installation;
	return {
		name: 'engine',
		command: [...(watch ? ['--watch'] : []), 'src/engine/main.ts'],
		env: {
			...productionEnvironment(watch),
			...sharedEnvironment(installation),
			HOST: settings.host,
			ENGINE_PORT: `${installation.enginePort}`
		},
		stage: 'services',
		healthUrl: `${localUrl(settings.host, installation.enginePort)}/health`,
		logFile: logFile(installation, 'engine')
	};
}

/** The web application: the built one, or with `develop` the one that shows each edit at once. */
export function web(installation: Installation, develop = false): Child {
	const { settings, webPort } = installation;
	const vite = [
		'node_modules/vite/bin/vite.js',
		'dev',
		'--strictPort',
		'--host',
		settings.host,
		'--port',
		`${webPort}`
	];
	return {
		name: 'web',
		command: develop ? vite : ['build/index.js'],
		env: {
			...productionEnvironment(develop),
			...sharedEnvironment(installation),
			HOST: settings.host,
			PORT: `${webPort}`,
			ENGINE_URL: engineUrl(installation),
			...demoEnvironment(installation),
			BODY_SIZE_LIMIT: process.env['BODY_SIZE_LIMIT'] || largestBody,
			SHUTDOWN_TIMEOUT: process.env['SHUTDOWN_TIMEOUT'] || `${webShutdownSeconds}`,
			...adminEnvironment(settings)
		},
		stage: 'services',
		healthUrl: `${webUrl(installation)}/healthz`,
		logFile: logFile(installation, 'web')
	};
}

/** A stand-in for an external system, with its data in DATA_DIR. */
export function demoChannel(installation: Installation, channel: DemoChannel): Child {
	const { settings } = installation;
	return {
		name: `demo ${channel.kind}`,
		command: ['src/demo/erp/main.ts'],
		env: {
			...withoutSecrets(),
			ERP_KIND: channel.kind,
			HOST: settings.host,
			PORT: `${channel.port}`,
			DATA_FILE: path.join(settings.dataDirectory, 'demo', `${channel.kind}.json`)
		},
		stage: 'channels',
		healthUrl: `${channelUrl(settings, channel)}/`,
		logFile: logFile(installation, channel.kind)
	};
}

/** Environment of a script that works on the database, such as the demo data. */
export function scriptEnvironment(
	databaseUrl: string,
	secretKey: string | undefined,
	settings: Settings
): NodeJS.ProcessEnv {
	return {
		...withoutSecrets(),
		DATABASE_URL: databaseUrl,
		...(secretKey ? { SECRET_KEY: secretKey } : {}),
		...adminEnvironment(settings)
	};
}

function sharedEnvironment(installation: Installation): NodeJS.ProcessEnv {
	return {
		DATABASE_URL: installation.databaseUrl,
		SECRET_KEY: installation.secretKey,
		ORIGIN: installation.settings.origin ?? webUrl(installation),
		...(installation.settings.origin ? { ORIGIN_EXPLICIT: '1' } : {})
	};
}

function adminEnvironment(settings: Settings): NodeJS.ProcessEnv {
	return {
		...(settings.adminEmail ? { ADMIN_EMAIL: settings.adminEmail } : {}),
		...(settings.adminPassword ? { ADMIN_PASSWORD: settings.adminPassword } : {})
	};
}

function demoEnvironment({ demo }: Installation): NodeJS.ProcessEnv {
	return demo ? { DEMO_ERP_URL: demo.erpUrl, DEMO_SHOP_URL: demo.shopUrl } : {};
}

function productionEnvironment(develop: boolean): NodeJS.ProcessEnv {
	return { ...withoutSecrets(), NODE_ENV: develop ? 'development' : 'production' };
}

/** Each process gets the secrets it needs by name, and no others. */
function withoutSecrets(): NodeJS.ProcessEnv {
	return Object.fromEntries(Object.entries(process.env).filter(([name]) => !secrets.includes(name)));
}

function logFile(installation: Installation, name: string): string | undefined {
	if (!installation.logDirectory) return undefined;
	return path.resolve(projectDirectory, installation.logDirectory, `${name}.log`);
}
