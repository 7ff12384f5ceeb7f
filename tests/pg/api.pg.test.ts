import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectorError } from '#src/engine/connectors/error.ts';
import { addChannel, addPair, createApiWorld, json, problemOf, type ApiWorld } from './api-world.ts';
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
beforeEach(() => {
	world.stub.failure = null;
	world.requests.length = 0;
});
afterAll(() => database.close());

const problem = (path: string, options?: Parameters<ApiWorld['request']>[1]) => problemOf(world, path, options);

async function linkPair(value: string, externalId: string): Promise<string> {
	const internalId = await addPair(database.db, channelId, value, externalId);
	const made = await json(
		world.request('/v1/mappings/product', { method: 'POST', json: { channelId, internalId, externalId } })
	);
	return made['id'] as string;
}

describe('mappings', () => {
	it('are made, found by every key, read with their explanation, and ended with an undo', async () => {
		const made = await world.request('/v1/mappings/product', {
			method: 'POST',
			json: { channelId, internalId: productId, externalId: 'E1' }
		});
		expect(made.status).toBe(201);
		const { id } = await json(made);
		for (const query of [
			`internalId=${productId}`,
			'externalId=E1',
			'value=HOSE-1',
			`channel=${channelId}&externalId=nothing&externalId=E1`
		]) {
			const found = await json(world.request(`/v1/mappings/product?${query}`));
			expect(found.items, query).toMatchObject([
				{ id, channelId, internalId: productId, externalId: 'E1', value: 'HOSE-1', status: 'pending' }
			]);
		}
		const detail = await json(world.request(`/v1/mappings/product/${id}`, { role: 'viewer' }));
		expect(detail).toMatchObject({
			mapping: { id },
			internal: { id: productId },
			external: { id: 'E1' },
			decision: { action: 'none' },
			history: [{ action: 'link' }]
		});

		const gone = await world.request(`/v1/mappings/product/${id}?reason=wrong`, { method: 'DELETE' });
		expect(await json(gone)).toEqual({ historyId: expect.stringMatching(/^\d+$/) });
		expect(await problem(`/v1/mappings/product/${id}`)).toMatchObject({
			status: 404,
			detail: expect.stringContaining('operator program ended')
		});
		const audit = await database.db.execute<{ actor: string; via: string }>(
			sql`select actor, via from audit_event where action = 'unlink'`
		);
		expect([...audit]).toEqual([{ actor: 'operator program', via: 'api' }]);
	});

	it('refuse a second one for the same external id, naming the holder', async () => {
		const id = await linkPair('HOSE-2', 'E2');
		const other = await addPair(database.db, channelId, 'HOSE-3', 'E3');
		expect(
			await problem('/v1/mappings/product', {
				method: 'POST',
				json: { channelId, internalId: other, externalId: 'E2' }
			})
		).toMatchObject({
			status: 409,
			kind: 'held',
			holder: { linkId: id, value: 'HOSE-2', externalId: 'E2' }
		});
	});

	it('are re-pointed under their id, and looked at on demand', async () => {
		const id = await linkPair('HOSE-4', 'E4');
		await addPair(database.db, channelId, 'HOSE-5', 'E5');
		expect(
			(await world.request(`/v1/mappings/product/${id}`, { method: 'PUT', json: { externalId: 'E5' } })).status
		).toBe(200);
		expect((await json(world.request('/v1/mappings/product?externalId=E5'))).items).toMatchObject([{ id }]);
		const synced = await world.request(`/v1/mappings/product/${id}/sync`, { method: 'POST' });
		expect(synced.status).toBe(202);
		expect(world.requests).toMatchObject([
			{ channelId, mode: 'records', linkIds: [id], startedBy: 'operator program' }
		]);
	});

	it('refuse to resolve what has moved since it was seen', async () => {
		const id = await linkPair('HOSE-6', 'E6');
		const json = { choices: { name: 'internal' }, internalRev: '99', externalVersion: '' };
		expect(await problem(`/v1/mappings/product/${id}/resolve`, { method: 'POST', json })).toMatchObject({
			status: 409,
			kind: 'stale'
		});
	});

	it('page by `next`, and say when it is none', async () => {
		await linkPair('PAGE-1', 'P1');
		await linkPair('PAGE-2', 'P2');
		const query = '/v1/mappings/product?value=PAGE-1&value=PAGE-2&limit=1';
		const first = await json(world.request(query));
		const second = await json(world.request(`${query}&after=${encodeURIComponent(first['next'] as string)}`));
		expect([...first.items, ...second.items].map((item) => item['value'])).toEqual(['PAGE-1', 'PAGE-2']);
		expect(second['next']).toBeNull();
		expect(await problem(`${query}&after=bogus`)).toMatchObject({ status: 400, field: 'after' });
	});

	it('are asked for with up to 500 ids a call', async () => {
		const ids = (count: number) => Array.from({ length: count }, (_, index) => `internalId=${index + 1}`).join('&');
		expect((await world.request(`/v1/mappings/product?${ids(500)}`)).status).toBe(200);
		expect(await problem(`/v1/mappings/product?${ids(501)}`)).toMatchObject({ status: 400, field: 'internalId' });
	});
});

describe('channels', () => {
	it('are listed with health against their schedule, counts and lag', async () => {
		const quiet = await addChannel(database.db, 'Quiet');
		const late = await addChannel(database.db, 'Late');
		await database.db.execute(
			sql`update c_channel set paused_at = now(), paused_reason = 'copy' where id = ${quiet}::bigint`
		);
		await database.db.execute(sql`
			insert into sync_run (c_channel_id, entity, mode, started_by, state, started_at, ended_at)
			values (${late}::bigint, 'product', 'incremental', 'schedule', 'succeeded', now() - interval '10 minutes', now() - interval '9 minutes')`);
		const lost = JSON.stringify([{ field: 'name', side: 'internal', value: 'Ours' }]);
		await database.db.execute(sql`
			insert into sync_decision (at, c_channel_id, entity, link_id, actor, action, shadow)
			select now() - make_interval(days => days), ${late}::bigint, 'product', days, 'engine', 'merge', ${lost}::text::jsonb
			from unnest(array[1, 29, 31]) as days`);
		const { items } = await json(world.request('/v1/channels', { role: 'viewer' }));
		const byName = Object.fromEntries(items.map((item) => [item['name'], item]));
		expect(byName['Quiet']).toMatchObject({ health: 'copy', timestampsWouldHaveLost: { last30Days: 0, ever: 0 } });
		expect(byName['Late']).toMatchObject({
			health: 'delayed',
			timestampsWouldHaveLost: { last30Days: 2, ever: 3 },
			entities: [{ entity: 'product', lastRun: { state: 'succeeded' } }]
		});
		const lagOf = (name: string) =>
			(byName[name] as { entities: { lagSeconds: number | null }[] }).entities[0]?.lagSeconds;
		expect(lagOf('Late')).toBeNull();
		expect(byName['ERP']).toMatchObject({ entities: [{ counts: { conflict: 0 }, waiting: { push: 0 } }] });
	});

	it('are tested by one call: a refusal is an answer with a hint', async () => {
		expect(await json(world.request(`/v1/channels/${channelId}/test`, { method: 'POST' }))).toMatchObject({
			reached: true,
			kind: null
		});
		world.stub.failure = new ConnectorError('unauthorized', { hint: 'Renew the key.' });
		expect(await json(world.request(`/v1/channels/${channelId}/test`, { method: 'POST' }))).toMatchObject({
			reached: false,
			kind: 'unauthorized',
			hint: 'Renew the key.'
		});
	});

	it('go on at once where a test shows that they can be used again', async () => {
		const test = () => world.request(`/v1/channels/${channelId}/test`, { method: 'POST' });
		const failing = (failures: number) =>
			database.db.execute(
				sql`update c_channel_entity set failures = ${failures} where c_channel_id = ${channelId}::bigint`
			);
		await failing(3);
		world.stub.failure = new ConnectorError('unauthorized', { hint: 'Renew the key.' });
		await test();
		expect(world.requests).toEqual([]);
		world.stub.failure = null;
		await test();
		const request = { channelId, entity: 'product', mode: 'incremental', startedBy: 'operator program' };
		expect(world.requests).toMatchObject([request]);
		await failing(0);
		await test();
		expect(world.requests).toHaveLength(1);
	});

	it('show their records with the mapping each has, and a channel that fails as 502', async () => {
		const id = await linkPair('HOSE-7', 'E7');
		const record = { version: null, stamp: null, fields: { value: 'x' }, reference: null, variantId: '' };
		world.stub.records = [
			{ ...record, id: 'E7' },
			{ ...record, id: 'E8' }
		];
		const path = `/v1/channels/${channelId}/product/records?search=hose`;
		expect((await json(world.request(path))).items).toMatchObject([
			{ externalId: 'E7', mappingId: id },
			{ externalId: 'E8', mappingId: null }
		]);
		world.stub.failure = new ConnectorError('unreachable', { hint: 'Start it.' });
		expect(await problem(path)).toMatchObject({ status: 502, kind: 'unreachable', hint: 'Start it.' });
	});
});

describe('runs', () => {
	it('are started once while one waits, listed, cancelled, and over then', async () => {
		const own = await addChannel(database.db, 'Runs');
		const start = () =>
			world.request('/v1/runs', { method: 'POST', json: { channelId: own, entity: 'product', mode: 'full' } });
		const first = await start();
		expect(first.status).toBe(202);
		const { id } = await json(first);
		expect(await json(start())).toEqual({ id });
		expect((await json(world.request(`/v1/runs?channel=${own}`))).items).toMatchObject([
			{ id, state: 'queued', mode: 'full', startedBy: 'operator program' }
		]);
		const cancelled = await json(world.request(`/v1/runs/${id}/cancel`, { method: 'POST' }));
		expect(cancelled).toMatchObject({ id, state: 'cancelled' });
		expect(await problem(`/v1/runs/${id}/cancel`, { method: 'POST' })).toMatchObject({ status: 409, kind: 'over' });
		await database.db.execute(
			sql`insert into sync_item (run_id, action, outcome) values (${id as string}::bigint, 'push', 'pushed'), (${id as string}::bigint, 'push', 'failed')`
		);
		expect((await json(world.request(`/v1/runs/${id}/items?outcome=pushed`))).items).toMatchObject([
			{ outcome: 'pushed' }
		]);
	});

	it('do not start at a paused channel', async () => {
		const own = await addChannel(database.db, 'Paused');
		await database.db.execute(
			sql`update c_channel set paused_at = now(), paused_reason = 'person' where id = ${own}::bigint`
		);
		const json = { channelId: own, entity: 'product', mode: 'full' };
		expect(await problem('/v1/runs', { method: 'POST', json })).toMatchObject({ status: 409, kind: 'paused' });
	});

	it('stream their progress with ids, resume after the last one, and end', async () => {
		const own = await addChannel(database.db, 'Events');
		const [run] = await database.db.execute<{ id: string }>(sql`
			insert into sync_run (c_channel_id, entity, mode, started_by, state, started_at)
			values (${own}::bigint, 'product', 'full', 'test', 'running', now()) returning id::text as id`);
		const id = run?.id ?? '';
		const commit = async () =>
			(
				await database.db.execute<{ id: string }>(
					sql`insert into sync_batch (run_id, phase, counts) values (${id}::bigint, 'scan', '{"pushed":1}') returning id::text as id`
				)
			)[0]?.id ?? '';
		const firstBatch = await commit();
		const stream = await readStream(await world.request(`/v1/runs/${id}/events`));
		const resumed = await readStream(
			await world.request(`/v1/runs/${id}/events`, { headers: { 'last-event-id': firstBatch } })
		);
		await vi.waitFor(() => expect(stream.text).toContain(`id: ${firstBatch}\n`), { timeout: 4000 });
		const secondBatch = await commit();
		await vi.waitFor(() => expect(resumed.text).toContain(`id: ${secondBatch}\n`), { timeout: 4000 });
		expect(resumed.text).not.toContain(`id: ${firstBatch}\n`);
		await database.db.execute(sql`update sync_run set state = 'succeeded', ended_at = now() where id = ${id}::bigint`);
		await Promise.all([stream.ended, resumed.ended]);
		expect(stream.text).toMatch(/event: progress\n[\s\S]*event: end\n/);
		expect(stream.text).toContain('"state":"succeeded"');
	});
});

it('answers for those who run it', async () => {
	expect(await json(world.request('/ready'))).toEqual({ status: 'ok', database: true, queue: true });
	world.stub.queueReady = false;
	expect((await world.request('/ready')).status).toBe(503);
	world.stub.queueReady = true;
	expect(await (await world.request('/metrics')).text()).toContain('channel_mapping_runs_total');
	expect(world.problems).toEqual([]);
});

/** Collects what a stream sends until it ends. */
async function readStream(reply: Response) {
	expect(reply.headers.get('content-type')).toContain('text/event-stream');
	const seen = { text: '', ended: Promise.resolve() };
	seen.ended = (async () => {
		for await (const chunk of reply.body ?? []) seen.text += new TextDecoder().decode(chunk as Uint8Array);
	})();
	return seen;
}
