import { sql } from 'drizzle-orm';
import { sign } from 'hono/jwt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashApiToken, newApiToken } from '#src/auth/api-token.ts';
import { deriveKey } from '#src/auth/derive-key.ts';
import { roles, type Role } from '#src/auth/roles.ts';
import { addChannel, createApiWorld, secretKey, type ApiWorld } from './api-world.ts';
import { testDatabase, type TestDatabase } from './database.ts';

type Operation = { 'x-role'?: Role; security?: unknown[]; summary?: string };
type Document = { openapi: string; paths: Record<string, Record<string, Operation>> };

let database: TestDatabase;
let world: ApiWorld;
let channelId: string;

beforeAll(async () => {
	database = await testDatabase();
	world = await createApiWorld(database);
	channelId = await addChannel(database.db, 'ERP');
});
afterAll(() => database.close());

const documentOf = async () => (await (await world.api.request('/openapi.json')).json()) as Document;

async function operations() {
	const { paths } = await documentOf();
	return Object.entries(paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation }))
	);
}

const filled = (path: string) =>
	path.replace('{entity}', 'product').replace('{id}', path.startsWith('/v1/channels') ? channelId : '999999');

describe('access to the API', () => {
	it('is described in OpenAPI 3.1, each operation of /v1 with its role', async () => {
		const { openapi } = await documentOf();
		expect(openapi).toBe('3.1.0');
		const all = await operations();
		expect(all.length).toBeGreaterThanOrEqual(18);
		for (const { path, method, operation } of all) {
			if (path === '/health' || path === '/ready') continue;
			// Carries a signature instead of a credential: webhooks.pg.test.ts.
			if (path === '/v1/webhooks/{id}') continue;
			expect(roles, `${method} ${path}`).toContain(operation['x-role']);
			expect(operation.security, `${method} ${path}`).toEqual([{ bearer: [] }]);
		}
	});

	it('is refused without a credential and below the role of the operation, and given from it on', async () => {
		for (const { path, method, operation } of await operations()) {
			const needed = operation['x-role'];
			if (!needed) continue;
			for (const role of ['none', ...roles] as const) {
				const reply = await world.request(filled(path), { method, role });
				await reply.body?.cancel();
				const name = `${method} ${path} as ${role}`;
				if (role === 'none') expect(reply.status, name).toBe(401);
				else if (roles.indexOf(role) < roles.indexOf(needed)) expect(reply.status, name).toBe(403);
				else expect([401, 403, 500], name).not.toContain(reply.status);
			}
		}
	});

	it('says 401 for every path of /v1, known or not, and open doors are those without data', async () => {
		for (const path of ['/v1', '/v1/', '/v1/nothing', '/v1/mappings/product/1', '/metrics']) {
			const reply = await world.request(path, { role: 'none' });
			expect([401, 404], path).toContain(reply.status);
			if (path !== '/v1') expect(reply.headers.get('www-authenticate'), path).toBe('Bearer');
		}
		expect((await world.request('/health', { role: 'none' })).status).toBe(200);
		expect((await world.request('/ready', { role: 'none' })).status).toBe(200);
	});

	it('takes the token of the web for 60 seconds, and no other JWT', async () => {
		const now = Math.floor(Date.now() / 1000);
		const key = deriveKey(secretKey, 'engine-token').toString('base64url');
		const claims = { sub: 'ann@example.com', role: 'administrator', aud: 'engine', iat: now, exp: now + 60 };
		const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
		const status = async (token: string) => (await world.request('/v1/channels', { token })).status;
		expect(await status(await world.webToken('viewer'))).toBe(200);
		expect(await status(await world.webToken('viewer', now - 61))).toBe(401);
		expect(await status(await sign({ ...claims, exp: now + 3600 }, key, 'HS256'))).toBe(401);
		expect(await status(await sign({ ...claims, aud: 'web' }, key, 'HS256'))).toBe(401);
		expect(await status(await sign({ ...claims, role: 'root' }, key, 'HS256'))).toBe(401);
		expect(await status(await sign(claims, 'another key', 'HS256'))).toBe(401);
		expect(await status(await sign(claims, key, 'HS512'))).toBe(401);
		expect(await status(unsigned)).toBe(401);
	});

	it('ends with the token: a revoked one, an unknown one and a damaged one are the same', async () => {
		const token = newApiToken();
		await database.db.execute(
			sql`insert into api_token (name, role, token_hash) values ('x', 'viewer', ${hashApiToken(token)})`
		);
		expect((await world.request('/v1/channels', { token })).status).toBe(200);
		await database.db.execute(sql`update api_token set revoked_at = now() where token_hash = ${hashApiToken(token)}`);
		for (const dead of [token, newApiToken(), `${token}x`, hashApiToken(token), 'cm_']) {
			expect((await world.request('/v1/channels', { token: dead })).status).toBe(401);
		}
	});

	it('sends security headers and lets no other origin in', async () => {
		const reply = await world.request('/v1/channels', { headers: { origin: 'https://evil.example' } });
		expect(reply.headers.get('access-control-allow-origin')).toBeNull();
		expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
		expect(reply.headers.get('content-security-policy')).toContain("default-src 'none'");
		expect(reply.headers.get('cache-control')).toBe('no-store');
	});
});
