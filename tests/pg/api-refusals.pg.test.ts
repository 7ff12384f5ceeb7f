import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addChannel, addPair, createApiWorld, problemOf, type ApiWorld } from './api-world.ts';
import { testDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
let world: ApiWorld;
let channelId: string;
let productId: string;

beforeAll(async () => {
	database = await testDatabase();
	world = await createApiWorld(database);
	channelId = await addChannel(database.db, 'ERP');
	productId = await addPair(database.db, channelId, 'HOSE-1', 'E1');
});
afterAll(() => database.close());

const problem = (path: string, options?: Parameters<ApiWorld['request']>[1]) => problemOf(world, path, options);

describe('what does not exist', () => {
	it('is 404 with a word for programs', async () => {
		const post = { method: 'POST' };
		expect(await problem('/v1/mappings/unicorn')).toMatchObject({ status: 404, kind: 'unknown-entity' });
		expect(await problem('/v1/mappings/product/77777')).toMatchObject({ status: 404, kind: 'unknown-link' });
		expect(await problem('/v1/channels/77777/test', post)).toMatchObject({ status: 404, kind: 'unknown-channel' });
		expect(await problem(`/v1/channels/${channelId}/business-partner/records?search=x`)).toMatchObject({
			status: 404,
			kind: 'unknown-entity'
		});
		expect(
			await problem('/v1/runs', { ...post, json: { channelId: '77777', entity: 'product', mode: 'full' } })
		).toMatchObject({ status: 404, kind: 'unknown-channel' });
		expect(await problem('/v1/runs', { ...post, json: { channelId, entity: 'unicorn', mode: 'full' } })).toMatchObject({
			status: 404,
			kind: 'unknown-entity'
		});
		expect(await problem('/v1/runs/77777')).toMatchObject({ status: 404, kind: 'unknown-run' });
		expect(await problem('/v1/runs/77777/events')).toMatchObject({ status: 404, kind: 'unknown-run' });
		expect(await problem('/nothing')).toMatchObject({ status: 404, kind: 'unknown-path' });
		const unseen = { channelId, internalId: productId, externalId: 'never seen' };
		expect(await problem('/v1/mappings/product', { ...post, json: unseen })).toMatchObject({
			status: 404,
			kind: 'unknown-external'
		});
	});
});

describe('what is malformed', () => {
	const cases: [string, Parameters<ApiWorld['request']>[1], string][] = [
		['/v1/runs?unknown=1', {}, 'unknown'],
		['/v1/runs?state=over', {}, 'state'],
		['/v1/runs?limit=0', {}, 'limit'],
		['/v1/runs/abc', {}, 'id'],
		['/v1/runs/99999999999999999999', {}, 'id'],
		['/v1/channels?x=1', {}, 'x'],
		['/v1/mappings/product?externalId=', {}, 'externalId'],
		['/v1/mappings/product?externalId=%00', {}, 'externalId'],
		['/v1/channels/1/product/records', {}, 'search'],
		['/v1/runs', { method: 'POST', json: { entity: 'product', mode: 'full' } }, 'channelId'],
		['/v1/runs', { method: 'POST', json: { channelId: 1, entity: 'product', mode: 'full' } }, 'channelId'],
		['/v1/runs', { method: 'POST', json: { channelId: '1', entity: 'product', mode: 'fast' } }, 'mode'],
		['/v1/runs', { method: 'POST', json: { channelId: '1', entity: 'product', mode: 'records' } }, 'mappingIds'],
		['/v1/runs', { method: 'POST', json: { channelId: '1', entity: 'product', mode: 'full', force: true } }, 'force'],
		['/v1/runs', { method: 'POST', json: [] }, 'body'],
		['/v1/runs', { method: 'POST', body: '{"a":', headers: { 'content-type': 'application/json' } }, 'body'],
		['/v1/runs', { method: 'POST' }, 'channelId'],
		[
			'/v1/mappings/product',
			{ method: 'POST', json: { channelId: '1', internalId: '1', externalId: '' } },
			'externalId'
		]
	];
	it.each(cases)('%s %j names %s', async (path, options, field) => {
		expect(await problem(path, options)).toMatchObject({ status: 400, kind: 'invalid', field });
	});

	it('is 415 when it is no JSON and 413 when it is too large', async () => {
		const headers = { 'content-type': 'application/x-www-form-urlencoded' };
		expect(await problem('/v1/runs', { method: 'POST', body: 'a=b', headers })).toMatchObject({ status: 415 });
		const externalId = 'x'.repeat(1_100_000);
		expect(
			await problem('/v1/mappings/product', { method: 'POST', json: { channelId, internalId: '1', externalId } })
		).toMatchObject({ status: 413 });
	});
});
