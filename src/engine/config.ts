import { z } from 'zod';

const port = 'must be a port number from 1 to 65535';

const schema = z.object({
	DATABASE_URL: z
		.string({ error: 'is missing: set it to the URL of the PostgreSQL database' })
		.regex(/^postgres(ql)?:\/\/\S+$/, 'must start with postgres://'),
	HOST: z.string().min(1).default('127.0.0.1'),
	ENGINE_PORT: z
		.string()
		.regex(/^\d{1,5}$/, port)
		.transform(Number)
		.pipe(z.number().min(1, port).max(65_535, port))
		.default(3001),
	SECRET_KEY: z
		.string({ error: 'is missing: set it to a random text of 32 characters or more, the same for web and engine' })
		.min(32, 'must be 32 characters or more'),
	ORIGIN: z
		.url({ protocol: /^https?$/, error: 'must be the http(s) address under which browsers reach the web' })
		.optional(),
	/** 1 where an administrator chose ORIGIN: only then it tells a copy from the original. */
	ORIGIN_EXPLICIT: z.enum(['0', '1'], 'must be 0 or 1').default('0'),
	LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error').default('info')
});

export type EngineConfig = {
	databaseUrl: string;
	host: string;
	port: number;
	secretKey: string;
	/** The chosen origin, else 'default'. */
	origin: string;
	logLevel: 'debug' | 'info' | 'warn' | 'error';
};

/** Reads the engine's environment; an empty value counts as not given. `wrong` has one line for each wrong variable, without its value. */
export function readConfig(
	environment: Record<string, string | undefined>
): { config: EngineConfig } | { wrong: string[] } {
	const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
	const parsed = schema.safeParse(given);
	if (!parsed.success) return { wrong: parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`) };
	const values = parsed.data;
	return {
		config: {
			databaseUrl: values.DATABASE_URL,
			host: values.HOST,
			port: values.ENGINE_PORT,
			secretKey: values.SECRET_KEY,
			origin: values.ORIGIN_EXPLICIT === '1' && values.ORIGIN ? new URL(values.ORIGIN).origin : 'default',
			logLevel: values.LOG_LEVEL
		}
	};
}
