import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const right = { DATABASE_URL: 'postgres://u:p@db/x', SECRET_KEY: 'x'.repeat(32) };

describe("the engine's environment", () => {
	it('needs a database and a key; the rest has defaults', () => {
		expect(readConfig({ ...right, ENGINE_PORT: '', ORIGIN: 'https://a.example/' })).toEqual({
			config: {
				databaseUrl: right.DATABASE_URL,
				host: '127.0.0.1',
				port: 3001,
				secretKey: right.SECRET_KEY,
				origin: 'default',
				logLevel: 'info'
			}
		});
	});
	it('takes the origin for chosen only where it was', () => {
		expect(readConfig({ ...right, ORIGIN: 'https://a.example/', ORIGIN_EXPLICIT: '1' })).toMatchObject({
			config: { origin: 'https://a.example' }
		});
	});
	it('has one line for each wrong value, and shows no value', () => {
		const read = readConfig({
			DATABASE_URL: 'mysql://secret',
			SECRET_KEY: 'short secret',
			ENGINE_PORT: '70000',
			ORIGIN: 'ftp://x'
		});
		const wrong = 'wrong' in read ? read.wrong : [];
		expect(wrong.map((line) => line.split(' ')[0])).toEqual(['DATABASE_URL', 'ENGINE_PORT', 'SECRET_KEY', 'ORIGIN']);
		expect(wrong.join('\n')).not.toContain('secret');
		expect('wrong' in readConfig({})).toBe(true);
	});
});
