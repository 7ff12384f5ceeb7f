import { sign, verify } from 'hono/jwt';
import { z } from 'zod';
import { deriveKey } from './derive-key.ts';
import { roles, type Role } from './roles.ts';

const lifeSeconds = 60;
const audience = 'engine';
const claimsSchema = z.object({ sub: z.string().min(1), role: z.enum(roles), exp: z.number(), iat: z.number() });

/** What the web shows the engine: who asks, for 60 seconds from `nowSeconds` (seconds since 1970). */
export function signEngineToken(
	secretKey: string,
	who: { email: string; role: Role },
	nowSeconds: number
): Promise<string> {
	const issued = Math.floor(nowSeconds);
	const claims = { sub: who.email, role: who.role, aud: audience, iat: issued, exp: issued + lifeSeconds };
	return sign(claims, keyOf(secretKey), 'HS256');
}

/** Who a token of the web speaks for; null for one that is forged, over, of another kind or made for longer than we make them. */
export async function verifyEngineToken(
	secretKey: string,
	token: string
): Promise<{ name: string; role: Role } | null> {
	try {
		// Web and engine may run on two machines: an issue time ahead of our clock is no fault, a passed end is.
		const claims = claimsSchema.safeParse(
			await verify(token, keyOf(secretKey), { alg: 'HS256', aud: audience, iat: false })
		);
		if (!claims.success || claims.data.exp - claims.data.iat > lifeSeconds) return null;
		return { name: claims.data.sub, role: claims.data.role };
	} catch {
		return null;
	}
}

function keyOf(secretKey: string): string {
	return deriveKey(secretKey, 'engine-token').toString('base64url');
}
