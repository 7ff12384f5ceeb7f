import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngineClient, type EngineClient } from '#src/engine-client/engine-client.ts';
import { createSyncStatus } from '#src/engine-client/sync-status.ts';
import { addChannel, addPair, createApiWorld, type ApiWorld } from './api-world.ts';
import { testDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
let world: ApiWorld;
let channelId: string;

beforeAll(async () => {
	database = await testDatabase();
	world = await createApiWorld(database);
	channelId = await addChannel(database.db, 'ERP');
	await addPair(database.db, channelId, 'HOSE-1', 'E1');
});
afterAll(() => database.close());

/** A client whose requests go straight into the API. */
function clientOf(role: 'viewer' | 'operator' | 'administrator' = 'operator', send?: typeof fetch): EngineClient {
	const direct: typeof fetch = async (input, init) =>
		world.api.request(input instanceof Request ? input : String(input), init);
	return createEngineClient({
		url: 'http://engine.test',
		fetch: send ?? direct,
		sign: () => world.webToken(role),
		timeoutMs: 1000
	});
}

it('asks everything a page needs', async () => {
	const client = clientOf();
	expect(await client.channels()).toMatchObject({
		ok: true,
		data: [{ id: channelId, name: 'ERP', health: 'never-ran' }]
	});
	expect(await client.probe(channelId)).toMatchObject({ ok: true, data: { reached: true } });
	world.stub.records = [
		{ id: 'E1', variantId: '', version: '7', stamp: null, fields: { name: 'Hose' }, reference: null }
	];
	expect(await client.searchRecords(channelId, 'product', 'hose')).toMatchObject({
		ok: true,
		data: [{ externalId: 'E1', version: '7', mappingId: null }]
	});
	const started = await client.startRun({ channelId, entity: 'product', mode: 'full' });
	const id = started.ok ? started.data.id : '';
	expect(await client.run(id)).toMatchObject({ ok: true, data: { id, state: 'queued', startedBy: 'ann@example.com' } });
	expect(await client.cancelRun(id)).toMatchObject({ ok: true, data: { state: 'cancelled' } });
	const events = await client.runEvents(id, null);
	expect(events.headers.get('content-type')).toContain('text/event-stream');
	expect(await events.text()).toContain('event: end');
});

it('hands on what the engine refuses, with its hint', async () => {
	expect(await clientOf('viewer').startRun({ channelId, entity: 'product', mode: 'full' })).toMatchObject({
		ok: false,
		unreachable: false,
		problem: { status: 403, kind: 'not-allowed', hint: /\S/ }
	});
	expect(await clientOf().mapping('product', '999')).toMatchObject({
		ok: false,
		unreachable: false,
		problem: { status: 404, kind: 'unknown-link' }
	});
});

it('takes an engine that is away, silent or no engine for a value', async () => {
	const refused: typeof fetch = () => Promise.reject(new TypeError('fetch failed'));
	expect(await clientOf('viewer', refused).channels()).toMatchObject({
		ok: false,
		unreachable: true,
		problem: { status: 0, kind: 'unreachable' }
	});
	expect((await clientOf('viewer', refused).runEvents('1', null)).status).toBe(502);
	const silent: typeof fetch = (_, init) =>
		new Promise((_resolve, reject) =>
			init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error))
		);
	expect(await clientOf('viewer', silent).channels()).toMatchObject({ ok: false, unreachable: true });
	const other: typeof fetch = async () => Response.json({ hello: 1 }, { status: 418 });
	expect(await clientOf('viewer', other).channels()).toMatchObject({
		ok: false,
		unreachable: false,
		problem: { status: 418, kind: 'not-the-engine' }
	});
});

it('shares one question for two seconds, and knows when the engine is gone', async () => {
	let nowMs = 0;
	let calls = 0;
	let gone = false;
	const client = clientOf('viewer');
	const counted = {
		channels: () => {
			calls++;
			return gone ? clientOf('viewer', () => Promise.reject(new Error('no'))).channels() : client.channels();
		}
	};
	const { statusOf } = createSyncStatus({ client: counted, nowMs: () => nowMs });
	await Promise.all([statusOf(), statusOf()]);
	nowMs = 1900;
	expect(await statusOf()).toMatchObject({
		reachable: true,
		channels: { [channelId]: { name: 'ERP', entities: { product: { lastRunState: 'cancelled' } } } }
	});
	expect(calls).toBe(1);
	gone = true;
	nowMs = 4000;
	expect(await statusOf()).toMatchObject({ reachable: false, problem: { kind: 'unreachable' }, channels: {} });
	expect(calls).toBe(2);
});
