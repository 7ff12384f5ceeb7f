import type { Cookies } from '@sveltejs/kit';
import { beforeEach, expect, test } from 'vitest';
import { setFlash, takeFlash } from './flash.ts';

const key = 'a secret of 32 characters or more, for tests';
const flash = {
	tone: 'good',
	text: 'Unlinked.',
	undo: { action: '/links/product/1?/undo', fields: { historyId: '7' } }
} as const;
let jar: Map<string, string>;
let cookies: Cookies;

beforeEach(() => {
	jar = new Map();
	cookies = {
		get: (name: string) => jar.get(name),
		set: (name: string, value: string) => void jar.set(name, value),
		delete: (name: string) => void jar.delete(name)
	} as unknown as Cookies;
});

test('a message is shown once', () => {
	setFlash(cookies, key, flash);
	expect(takeFlash(cookies, key)).toEqual(flash);
	expect(takeFlash(cookies, key)).toBeNull();
});

test('a message that somebody made or changed is not shown', () => {
	setFlash(cookies, key, flash);
	const [payload = '', signature = ''] = jar.get('flash')?.split('.') ?? [];
	const forged = Buffer.from(JSON.stringify({ ...flash, text: 'Send your password to …' })).toString('base64url');
	for (const cookie of [`${forged}.${signature}`, forged, `${payload}.`, '', '.']) {
		jar.set('flash', cookie);
		expect(takeFlash(cookies, key)).toBeNull();
	}
	setFlash(cookies, 'another secret of 32 characters or more', flash);
	expect(takeFlash(cookies, key)).toBeNull();
});

test('a message too long for a cookie loses its tail, not the whole', () => {
	setFlash(cookies, key, { ...flash, text: 'x'.repeat(9_000) });
	expect(takeFlash(cookies, key)?.text).toBe('x'.repeat(500));
});
