import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { findDataDirectory } from '../db/embedded/place.ts';
import { LaunchError } from './launch-error.ts';

export const projectDirectory = fileURLToPath(new URL('../..', import.meta.url));

const port = z.coerce.number().int().min(1).max(65_535);
const portMessage = 'must be a port number from 1 to 65535';
const shortestSecret = 32;
const shortestPassword = 10;

const environment = z.object({
	HOST: z.string().default('127.0.0.1'),
	PORT: port.default(3000),
	ENGINE_PORT: port.default(3001),
	ENGINE_URL: z.url({ protocol: /^https?$/ }).optional(),
	WEBHOOK_ORIGIN: z
		.url({ protocol: /^https?$/ })
		.refine((value) => URL.parse(value)?.pathname === '/')
		.optional(),
	DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
	DATA_DIR: z.string().optional(),
	ORIGIN: z
		.url({ protocol: /^https?$/ })
		.refine((value) => URL.parse(value)?.pathname === '/')
		.transform((value) => new URL(value).origin)
		.optional(),
	ADMIN_EMAIL: z.email().optional(),
	ADMIN_PASSWORD: z.string().min(shortestPassword).optional(),
	SECRET_KEY: z.string().min(shortestSecret).optional(),
	ROLE: z.enum(['web', 'engine', 'all']).default('all')
});

const expectations: Record<string, string> = {
	PORT: portMessage,
	ENGINE_PORT: portMessage,
	ENGINE_URL: 'must be a URL such as http://127.0.0.1:3001',
	WEBHOOK_ORIGIN: 'must be the address other systems send to, such as https://hooks.example.com, without a path',
	DATABASE_URL: 'must be a URL such as postgres://user:password@host:5432/name',
	ORIGIN: 'must be the address people open, such as https://mapping.example.com, without a path',
	ADMIN_EMAIL: 'must be an e-mail address',
	ADMIN_PASSWORD: `must have at least ${shortestPassword} characters`,
	SECRET_KEY: `must have at least ${shortestSecret} characters; make one with: openssl rand -base64 32`,
	ROLE: 'must be web, engine or all'
};

/** Values that must not appear in a message. */
const secret = new Set(['DATABASE_URL', 'ADMIN_PASSWORD', 'SECRET_KEY']);

export type Settings = {
	host: string;
	port: number;
	enginePort: number;
	engineUrl: string | undefined;
	databaseUrl: string | undefined;
	dataDirectory: string;
	origin: string | undefined;
	adminEmail: string | undefined;
	adminPassword: string | undefined;
	secretKey: string | undefined;
	role: 'web' | 'engine' | 'all';
};

/**
 * Reads the environment; an empty value counts as not given.
 * @throws LaunchError naming the value that is wrong and what it should be
 */
export function readSettings(variables: NodeJS.ProcessEnv): Settings {
	const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
	const parsed = environment.safeParse(given);
	if (!parsed.success) throw wrongValue(String(parsed.error.issues[0]?.path[0]), given);
	const values = parsed.data;
	return {
		host: values.HOST,
		port: values.PORT,
		enginePort: values.ENGINE_PORT,
		engineUrl: values.ENGINE_URL,
		databaseUrl: values.DATABASE_URL,
		// With a database elsewhere no other account has to reach the folder.
		dataDirectory: values.DATABASE_URL
			? path.resolve(projectDirectory, values.DATA_DIR ?? '.data')
			: findDataDirectory(projectDirectory, values.DATA_DIR),
		origin: values.ORIGIN,
		adminEmail: values.ADMIN_EMAIL,
		adminPassword: values.ADMIN_PASSWORD,
		secretKey: values.SECRET_KEY,
		role: values.ROLE
	};
}

/** The address of a server of ours that listens on `host`, for a browser or process on this machine. */
export function localUrl(host: string, onPort: number): string {
	const everywhere = host === '0.0.0.0' || host === '::';
	const name = everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
	return `http://${name}:${onPort}`;
}

function wrongValue(name: string, given: Record<string, string | undefined>): LaunchError {
	const shown = secret.has(name) ? name : `${name}=${given[name]}`;
	return new LaunchError(`${shown}: ${expectations[name] ?? 'is not valid'}`);
}
