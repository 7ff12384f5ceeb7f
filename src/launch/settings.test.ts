import { expect, test } from 'vitest';
import { localUrl, readSettings } from './settings.ts';

test('what is not given, or empty, has its default', () => {
	expect(readSettings({ PORT: '', DATABASE_URL: 'postgres://u:p@db/cm' })).toMatchObject({
		host: '127.0.0.1',
		port: 3000,
		enginePort: 3001,
		origin: undefined,
		role: 'all'
	});
});

test('the origin is taken without its closing slash', () => {
	expect(readSettings({ ORIGIN: 'https://mapping.example.com/' }).origin).toBe('https://mapping.example.com');
});

test.each([
	[{ PORT: 'abc' }, 'PORT=abc: must be a port number from 1 to 65535'],
	[{ PORT: '0' }, 'PORT=0: must be a port number from 1 to 65535'],
	[{ ENGINE_PORT: '70000' }, 'ENGINE_PORT=70000: must be a port number from 1 to 65535'],
	[{ ORIGIN: 'mapping.example' }, 'ORIGIN=mapping.example: must be the address people open'],
	[{ ORIGIN: 'https://a.example/path' }, 'ORIGIN=https://a.example/path: must be the address people open'],
	[{ ENGINE_URL: 'engine' }, 'ENGINE_URL=engine: must be a URL such as http://127.0.0.1:3001'],
	[
		{ WEBHOOK_ORIGIN: 'https://a.example/hooks' },
		'WEBHOOK_ORIGIN=https://a.example/hooks: must be the address other systems'
	],
	[{ ROLE: 'both' }, 'ROLE=both: must be web, engine or all'],
	[{ ADMIN_EMAIL: 'me' }, 'ADMIN_EMAIL=me: must be an e-mail address'],
	[{ ADMIN_PASSWORD: 'short-pw' }, 'ADMIN_PASSWORD: must have at least 10 characters'],
	[{ SECRET_KEY: 'short-key' }, 'SECRET_KEY: must have at least 32 characters'],
	[{ DATABASE_URL: 'mysql://hidden' }, 'DATABASE_URL: must be a URL such as postgres://']
])('%o is refused with one line that names it', (environment, message) => {
	expect(() => readSettings(environment)).toThrow(message);
	expect(() => readSettings(environment)).not.toThrow(/short-|hidden|\n/);
});

test.each([
	['127.0.0.1', 'http://127.0.0.1:3000'],
	['0.0.0.0', 'http://127.0.0.1:3000'],
	['::1', 'http://[::1]:3000'],
	['web.internal', 'http://web.internal:3000']
])('a server on %s is reached at %s', (host, url) => {
	expect(localUrl(host, 3000)).toBe(url);
});
