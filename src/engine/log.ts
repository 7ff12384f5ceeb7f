import pino from 'pino';
import type { Log } from './ports.ts';

const hidden = ['password', 'secret', 'token', 'authorization', 'credentials', 'secretKey', 'databaseUrl', 'key'];

/** Log lines as JSON on stdout. Values under names of secrets are left out, should one ever be passed. */
export function createLog(level: string): Log {
	const logger = pino({
		level,
		base: { part: 'engine' },
		redact: { paths: hidden.flatMap((name) => [name, `*.${name}`]), censor: '[hidden]' }
	});
	return {
		info: (message, detail) => logger.info(detail ?? {}, message),
		warn: (message, detail) => logger.warn(detail ?? {}, message),
		error: (message, detail) => logger.error(detail ?? {}, message)
	};
}
