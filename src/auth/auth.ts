import { betterAuth } from 'better-auth';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { sveltekitCookies } from 'better-auth/svelte-kit';
import type { RequestEvent } from '@sveltejs/kit';
import type { Db } from '#src/db/client.ts';
import { account, session, user, verification } from '#src/db/schema/auth.ts';
import { deriveKey } from './derive-key.ts';
import { roles, type Role } from './roles.ts';

/** Who is signed in, as pages and actions see them. */
export type SessionUser = { id: string; name: string; email: string; role: Role };

type AuthOptions = {
	db: Db;
	secretKey: string;
	/** Address under which browsers reach the web; https makes the cookies secure. */
	origin: string;
	/** SvelteKit's `getRequestEvent`, through which cookies are set from inside an action. */
	requestEvent: () => RequestEvent;
};

const sessionSeconds = 7 * 24 * 60 * 60;
const refreshSeconds = 24 * 60 * 60;

/**
 * better-auth with e-mail and password only and no sign-up. Its HTTP routes are not mounted:
 * the form actions call `auth.api` and are the only door.
 */
export function createAuth({ db, secretKey, origin, requestEvent }: AuthOptions) {
	return betterAuth({
		appName: 'Channel Mapping',
		baseURL: origin,
		secret: deriveKey(secretKey, 'session').toString('base64url'),
		telemetry: { enabled: false },
		logger: { level: 'error' },
		database: drizzleAdapter(db, { provider: 'pg', schema: { user, session, account, verification } }),
		emailAndPassword: {
			enabled: true,
			disableSignUp: true,
			minPasswordLength: passwordLengthMin,
			maxPasswordLength: 128
		},
		user: { additionalFields: { role: { type: 'string', required: true, defaultValue: 'viewer', input: false } } },
		session: { expiresIn: sessionSeconds, updateAge: refreshSeconds },
		advanced: {
			cookiePrefix: 'channel-mapping',
			useSecureCookies: origin.startsWith('https://'),
			defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/' }
		},
		plugins: [sveltekitCookies(requestEvent)]
	});
}

export const passwordLengthMin = 10;

export type Auth = ReturnType<typeof createAuth>;

/** The person behind these request headers, null without a valid session. Throws when the database cannot be reached. */
export async function sessionUser(auth: Auth, headers: Headers): Promise<SessionUser | null> {
	const found = await auth.api.getSession({ headers });
	if (!found) return null;
	const { id, name, email, role } = found.user;
	return { id, name, email, role: roles.find((known) => known === role) ?? 'viewer' };
}
