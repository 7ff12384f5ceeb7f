import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Cookies } from '@sveltejs/kit';
import { deriveKey } from '#src/auth/derive-key.ts';
import type { Flash } from '#src/lib/flash.ts';

const cookieName = 'flash';
const lifeSeconds = 60;
const bytesMax = 3_500;

function signature(secretKey: string, payload: string): Buffer {
	return createHmac('sha256', deriveKey(secretKey, 'flash')).update(payload).digest();
}

/** Keeps a message for the next page, in a signed cookie that is shown once. */
export function setFlash(cookies: Cookies, secretKey: string, flash: Flash): void {
	const payload = Buffer.from(JSON.stringify(flash)).toString('base64url');
	if (payload.length > bytesMax)
		return setFlash(cookies, secretKey, { tone: flash.tone, text: flash.text.slice(0, 500) });
	cookies.set(cookieName, `${payload}.${signature(secretKey, payload).toString('base64url')}`, {
		path: '/',
		httpOnly: true,
		sameSite: 'lax',
		maxAge: lifeSeconds
	});
}

/** The message for this page, if there is one; it is gone afterwards. A forged or broken one counts as none. */
export function takeFlash(cookies: Cookies, secretKey: string): Flash | null {
	const cookie = cookies.get(cookieName);
	if (cookie === undefined) return null;
	cookies.delete(cookieName, { path: '/' });
	const [payload = '', signed = ''] = cookie.split('.');
	const expected = signature(secretKey, payload);
	const given = Buffer.from(signed, 'base64url');
	if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
	return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Flash;
}
