import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngine } from '#src/engine/create-engine.ts';
import { createTransport } from '#src/engine/connectors/http.ts';
import { rest } from '#src/engine/connectors/rest/index.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { startDepot } from '../presets/depot.ts';
import { createWorld, insertChannel, storyOf, wallClock } from './world.ts';

let database: TestDatabase;
let depot: Awaited<ReturnType<typeof startDepot>>;

beforeAll(async () => {
	database = await testDatabase();
	depot = await startDepot();
});
afterAll(async () => {
	depot.stop();
	await database.close();
});

const withCaption = (sku: string, text: string) => ({ attributes: { sku, captions: [{ text }] } });

it('a service that nothing was written for is connected with a file alone and syncs both ways', async () => {
	const world = await createWorld(database.db);
	const transport = createTransport({ fetch, monotonicNow: wallClock.monotonicMs, wallNow: wallClock.nowMs });
	const ports = { ...world.ports, connectors: [rest], transport, unseal: () => depot.key };
	const set = { autoCreateExternal: true, autoCreateInternal: true };
	const channelId = await insertChannel(database.db, 'Depot', 'rest', depot.settings, set);
	const story = storyOf(database.db, createEngine(ports), channelId, depot);
	const hats = Array.from({ length: 5 }, (_, number) =>
		depot.add({
			attributes: { ...withCaption(`HAT-${number}`, `Hat ${number}`).attributes, grams: 300 },
			tariffs: [{ cents: 1250 }]
		})
	);
	const ownId = await story.addInternal({
		value: 'BOOT-1',
		name: 'Boot',
		price: '99.95',
		currency: 'EUR',
		weight: '1.2'
	});

	// Both sides are created, each once.
	for (const mode of ['full', 'incremental', 'incremental'] as const) {
		expect(await story.run(mode)).toMatchObject({ state: 'succeeded' });
	}
	expect((await story.links()).map(({ status }) => status)).toEqual(Array(6).fill('in-sync'));
	const [boot, ...others] = [...depot.articles.values()].filter(({ sku }) => sku === 'BOOT-1');
	expect(others).toEqual([]);
	expect(boot).toMatchObject({ caption: 'Boot', cents: 9995, grams: 1200, live: true });
	const rows = await database.db.execute<{ price: string; weight: string; id: string }>(
		sql`select id::text as id, trim_scale(price)::text as price, trim_scale(weight)::text as weight from m_product where value like 'HAT-%' order by value`
	);
	expect(rows).toHaveLength(5);
	expect(rows[0]).toMatchObject({ price: '12.5', weight: '0.3' });

	// Edits flow, each its own way, different fields of one record too.
	depot.pass(2000);
	depot.change(hats[0]!, { tariffs: [{ cents: 1400 }] });
	await story.editInternal(rows[0]!.id, { name: 'Sun hat' });
	depot.change(boot!, { attributes: { grams: 1250 } });
	await story.editInternal(ownId, { is_active: false });
	await story.run();
	expect(await story.internal(rows[0]!.id)).toMatchObject({ name: 'Sun hat', price: '14.000000' });
	expect(hats[0]).toMatchObject({ caption: 'Sun hat', cents: 1400 });
	expect(await story.internal(ownId)).toMatchObject({ weight: '1.250000', is_active: false });
	expect(boot).toMatchObject({ grams: 1250, live: false, caption: 'Boot' });

	// And then there is nothing left to do.
	const writes = depot.writes.length;
	const before = await story.links();
	await story.run();
	await story.run('full');
	expect(depot.writes).toHaveLength(writes);
	expect(await story.links()).toEqual(before);
	expect(await story.conflicts()).toEqual([]);
});
