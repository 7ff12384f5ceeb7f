import { createMiddleware } from 'hono/factory';
import { isApiToken, verifyApiToken } from '#src/auth/api-token.ts';
import { verifyEngineToken } from '#src/auth/engine-token.ts';
import { can, leastRoleFor, type Action, type Role } from '#src/auth/roles.ts';
import type { Db } from '#src/db/client.ts';
import { ProblemError, problemResponse } from './problem.ts';

/** Who asks: a person through the web, or a program with its own token. */
export type Caller = { name: string; role: Role; via: 'web' | 'api' };

export type ApiEnv = { Variables: { caller: Caller } };

/** Takes the caller from the credential; without a valid one the request ends with 401. */
export function authenticate(db: Db, secretKey: string) {
	return createMiddleware<ApiEnv>(async (c, next) => {
		const [, token] = /^Bearer ([\x21-\x7e]{1,2000})$/i.exec(c.req.header('authorization') ?? '') ?? [];
		if (!token) {
			throw new ProblemError(
				401,
				'unauthorized',
				'The request carries no credential.',
				'Send "Authorization: Bearer TOKEN"; make a token with: npm run token.'
			);
		}
		const caller = isApiToken(token)
			? withDoor(await verifyApiToken(db, token), 'api')
			: withDoor(await verifyEngineToken(secretKey, token), 'web');
		if (!caller) {
			throw new ProblemError(
				401,
				'unauthorized',
				'The credential is not known, was revoked or is over.',
				'Make a new token with: npm run token.'
			);
		}
		c.set('caller', caller);
		await next();
	});
}

function withDoor(who: { name: string; role: Role } | null, via: Caller['via']): Caller | null {
	return who && { ...who, via };
}

/** What a route needs: put it into the route's configuration. A route under /v1 without it fails the tests. */
export function right(action: Action) {
	const needed = leastRoleFor(action);
	const middleware = createMiddleware<ApiEnv>(async (c, next) => {
		const { role } = c.get('caller');
		if (!can(role, action)) {
			throw new ProblemError(
				403,
				'not-allowed',
				`This needs the role ${needed}; the credential has ${role}.`,
				'Ask an administrator.'
			);
		}
		await next();
	});
	return { security: [{ bearer: [] }], 'x-role': needed, middleware };
}

/** The caller as the verbs of src/mappings take it. */
export function personOf({ name, role, via }: Caller) {
	return { actor: { name, role }, via };
}

/** Every answer but the expected one. */
export const problems = { '4XX': problemResponse, '5XX': problemResponse } as const;
