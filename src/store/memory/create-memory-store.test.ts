import { expect, test } from 'vitest';
import { createMemoryChannel } from '#src/engine/connectors/memory/create-memory-channel.ts';
import { memoryConnector } from '#src/engine/connectors/memory/index.ts';
import { createEngine } from '#src/engine/create-engine.ts';
import type { Clock } from '#src/engine/ports.ts';
import { product } from '#src/entities/product/index.ts';
import type { Fields } from '#src/sync/fields.ts';
import { defaultPolicy } from '#src/sync/policy.ts';
import { createMemoryStore } from './create-memory-store.ts';
import { insertLinkRow } from './link-triggers.ts';

const tent = (value: string): Fields => ({
	value,
	name: `Tent ${value}`,
	price: '7',
	currency: 'EUR',
	is_active: true
});

/** Time that passes only when everybody sleeps: then it jumps to whoever wakes first. */
function createClock() {
	let nowMs = Date.parse('2026-01-01T00:00:00Z');
	const sleepers = new Set<{ dueMs: number; wake: () => void }>();
	const wakeNext = () => {
		const [next] = [...sleepers].sort((one, other) => one.dueMs - other.dueMs);
		if (!next) return;
		sleepers.delete(next);
		nowMs = Math.max(nowMs, next.dueMs);
		next.wake();
	};
	const clock: Clock = {
		nowMs: () => nowMs,
		monotonicMs: () => nowMs,
		sleep: (ms, signal) =>
			new Promise((wake, fail) => {
				const sleeper = { dueMs: nowMs + ms, wake };
				sleepers.add(sleeper);
				signal?.addEventListener('abort', () => {
					sleepers.delete(sleeper);
					fail(signal.reason as Error);
				});
				setImmediate(wakeNext);
			})
	};
	return { clock, nowMicros: () => BigInt(Math.round(nowMs * 1000)), pass: (ms: number) => (nowMs += ms) };
}

/** The real engine and a channel in memory, on a clock of their own. */
function createWorld() {
	const { clock, nowMicros, pass } = createClock();
	const database = createMemoryStore({ nowMicros });
	const erp = createMemoryChannel({ clock, stampResolutionMs: 1, overlapMs: 200 });
	let uuids = 0;
	const engine = createEngine({
		clock,
		random: { number: () => 0.5, uuid: () => `uuid-${uuids++}` },
		transport: () => Promise.reject(new Error('this world has no network')),
		connectors: [memoryConnector({ erp })],
		queue: { send: async () => {}, work: async () => {}, stop: async () => {} },
		store: database.store,
		unseal: (sealed) => sealed,
		log: { info: () => {}, warn: () => {}, error: (message, detail) => console.error(message, detail) },
		workerId: 'world'
	});
	const live = { pushLive: true, pullLive: true, autoCreateExternal: true, autoCreateInternal: true };
	const channelId = database.addChannel({
		name: 'erp',
		connector: 'memory',
		settings: { channel: 'erp' },
		credentials: { key: 'secret' },
		entities: [{ entity: 'product', policy: defaultPolicy, ...live, allowSecondary: false }]
	});
	return {
		...database,
		erp,
		products: database.records('product'),
		async run(mode: 'incremental' | 'full' = 'incremental') {
			pass(60_000);
			const { runId } = await engine.requestRun({ channelId, entity: 'product', mode, startedBy: 'story' });
			await engine.performRun(runId, new AbortController().signal);
			return database.tables.runs.get(runId);
		},
		link: (internalId: string, externalId: string) =>
			database.tables.atomically(
				() => insertLinkRow(database.tables, 'product', { channelId, internalId, externalId, variantId: '' }).id
			)
	};
}

test('the engine pulls, pushes, creates and imports on it, and then writes nothing more', async () => {
	const world = createWorld();
	const [ours, theirs] = [world.products.insert(tent('T1')), world.erp.add('product', tent('T1'))];
	const linkId = world.link(ours, theirs);
	expect(await world.run('full')).toMatchObject({ state: 'succeeded', counts: { 'in-sync': 1 } });

	world.erp.edit('product', theirs, { name: 'Pulled' });
	expect(await world.run()).toMatchObject({ state: 'succeeded', counts: { pulled: 1 } });
	expect(world.products.read(ours)).toMatchObject({ rev: '2', fields: { name: 'Pulled', price: '7.000000' } });

	world.products.update(ours, { name: 'Pushed' });
	expect(await world.run()).toMatchObject({ state: 'succeeded', counts: { pushed: 1 } });
	expect(world.erp.record('product', theirs)?.fields).toMatchObject({ name: 'Pushed' });

	world.products.insert(tent('T2'));
	world.erp.add('product', tent('T3'));
	expect(await world.run()).toMatchObject({ state: 'succeeded', counts: { created: 2 } });
	expect(world.products.all().map(({ fields }) => fields['value'])).toEqual(['T1', 'T2', 'T3']);
	expect(world.erp.records('product')).toHaveLength(3);

	for (const mode of ['incremental', 'full', 'incremental'] as const) await world.run(mode);
	const writes = world.erp.writes().length;
	const links = [...world.tables.of('product').links.all()];
	for (const mode of ['incremental', 'full'] as const) await world.run(mode);
	expect(world.erp.writes()).toHaveLength(writes);
	expect([...world.tables.of('product').links.all()].map((link) => link.status)).toEqual(links.map(() => 'in-sync'));
	expect(world.tables.of('product').links.get(linkId)).toMatchObject({ status: 'in-sync', internalVersion: '3' });
});

test('a verb that throws leaves nothing behind but the ids it used up', async () => {
	const { store, tables, dump, addChannel, records } = createWorld();
	records('product').insert(tent('T1'));
	const before = dump();
	const items = [{ linkId: null, internalId: null, externalId: 'x', variantId: '', action: 'pull' }];
	const added = store.addItems({
		runId: '99',
		phase: 'links',
		items: items.map((item) => ({ ...item, outcome: 'failed', fields: [], problem: null })),
		counts: { failed: 1 }
	});
	await expect(added).rejects.toMatchObject({ code: '23503', constraint_name: 'sync_item_run_id_sync_run_id_fk' });
	expect(() => records('product').insert(tent('T1'))).toThrow('m_product_value_unique');
	expect(() => addChannel({ name: 'erp', connector: 'memory', settings: {}, entities: [] })).toThrow(
		'c_channel_name_unique'
	);
	expect(dump()).toEqual(before);
	expect([records('product').insert(tent('T2')), tables.items.nextId()]).toEqual(['3', '2']);
});

test('a record deleted by any program leaves orphans behind, counted as such', async () => {
	const world = createWorld();
	const ours = world.products.insert(tent('T1'));
	const linkId = world.link(ours, world.erp.add('product', tent('T1')));
	world.products.remove(ours);
	expect(world.tables.of('product').links.get(linkId)).toMatchObject({
		status: 'orphan',
		stateRev: 2n,
		problem: { kind: 'missing-internal' }
	});
	const counts = world.dump()['sync_link_count']?.map(({ status, links }) => [status, links]);
	expect(counts).toEqual([
		['pending', 1],
		['orphan', 1],
		['pending', -1]
	]);
	expect(await world.store.drainOutbox({ entity: product, limit: 10 })).toBe(2);
});
