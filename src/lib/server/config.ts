import { z } from 'zod';

const text = (hint: string) => z.string({ error: hint }).min(1, hint);

const schema = z.object({
	DATABASE_URL: text('set it to the URL of the PostgreSQL database').regex(
		/^postgres(ql)?:\/\//,
		'must start with postgres://'
	),
	SECRET_KEY: text('set it to a random text of 32 characters or more, the same for web and engine').min(
		32,
		'must be 32 characters or more'
	),
	ENGINE_URL: z
		.url({ protocol: /^https?$/, error: 'must be the http(s) address of the sync engine' })
		.default('http://127.0.0.1:3001'),
	/** Where other systems reach the engine, for what they send to it: the address of the proxy before it. */
	WEBHOOK_ORIGIN: z
		.url({ protocol: /^https?$/, error: 'must be the http(s) address under which other systems reach the sync engine' })
		.transform((url) => new URL(url).origin)
		.optional(),
	ORIGIN: z
		.url({ protocol: /^https?$/, error: 'must be the http(s) address under which browsers reach the web' })
		.default('http://127.0.0.1:3000')
		.transform((url) => new URL(url).origin),
	/** Addresses of the demo's two systems, where this is the demo. */
	DEMO_ERP_URL: z.url({ protocol: /^https?$/ }).optional(),
	DEMO_SHOP_URL: z.url({ protocol: /^https?$/ }).optional(),
	/** Present where an administrator chose ORIGIN, rather than the launcher. */
	ORIGIN_EXPLICIT: z.string().optional(),
	ADMIN_EMAIL: z.email('must be an e-mail address').optional(),
	ADMIN_PASSWORD: z.string().min(10, 'must be 10 characters or more').optional()
});

export type Config = z.output<typeof schema>;

/** Reads the web's environment. Throws one line that names every wrong variable and what it should be. */
export function parseConfig(environment: Record<string, string | undefined>): Config {
	const filled = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
	const parsed = schema.safeParse(filled);
	if (parsed.success) return parsed.data;
	const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
	throw new Error(`The web's configuration is wrong. ${wrong.join('; ')}.`);
}
