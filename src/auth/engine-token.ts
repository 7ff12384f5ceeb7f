import { sign } from 'hono/jwt';
import { deriveKey } from './derive-key.ts';
import type { Role } from './roles.ts';

const lifeSeconds = 60;

/** What the web shows the engine: who asks, for 60 seconds from `nowSeconds` (seconds since 1970). */
export function signEngineToken(
	secretKey: string,
	who: { email: string; role: Role },
	nowSeconds: number
): Promise<string> {
	const claims = { sub: who.email, role: who.role, aud: 'engine', iat: nowSeconds, exp: nowSeconds + lifeSeconds };
	return sign(claims, deriveKey(secretKey, 'engine-token').toString('base64url'), 'HS256');
}
