import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Store } from '#src/store/store.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld, storyOf } from './world.ts';

let database: TestDatabase;
let number = 0;

beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

type World = Awaited<ReturnType<typeof createWorld>>;
type Erp = Awaited<ReturnType<World['addChannel']>>;
type Pair = { internalId: string; externalId: string; value: string };

/** Ends the process right after a step: what it has called never answers, and nothing it does has an effect any more. */
function killer() {
	const never = new Promise<never>(() => {});
	const died = Promise.withResolvers<'died'>();
	const state = { armedAt: Infinity, steps: 0, dead: false };
	const step = () => {
		state.steps += 1;
		if (state.steps <= state.armedAt || state.dead) return;
		state.dead = true;
		died.resolve('died');
	};
	return { state, step, never, died: died.promise };
}

function dyingStore(store: Store, { state, step, never }: ReturnType<typeof killer>): Store {
	const verbs = Object.entries(store).map(([name, verb]) => [
		name,
		async (input: never) => {
			if (state.dead) return never;
			const result = await (verb as (input: never) => Promise<unknown>)(input);
			if (name !== 'heartbeatRun') step();
			return state.dead ? never : result;
		}
	]);
	return Object.fromEntries(verbs) as Store;
}

const stories: {
	name: string;
	act: (erp: Erp, pair: Pair) => Promise<void>;
	check: (erp: Erp, pair: Pair) => Promise<void>;
}[] = [
	{
		name: 'pull',
		act: async (erp, pair) => erp.memory.edit('product', pair.externalId, { name: 'Theirs' }),
		check: async (erp, pair) => expect((await erp.internal(pair.internalId))?.['name']).toBe('Theirs')
	},
	{
		name: 'merge',
		async act(erp, pair) {
			await erp.editInternal(pair.internalId, { name: 'Ours' });
			erp.memory.edit('product', pair.externalId, { price: '7' });
		},
		async check(erp, pair) {
			expect(await erp.internal(pair.internalId)).toMatchObject({ name: 'Ours', price: '7.000000' });
			expect(erp.memory.record('product', pair.externalId)?.fields).toMatchObject({ name: 'Ours', price: '7.00' });
		}
	},
	{
		name: 'create at the channel',
		act: async (erp, pair) => void (await erp.addInternal({ value: `${pair.value}-new`, name: 'New' })),
		async check(erp, pair) {
			const made = erp.memory.records('product').filter(({ fields }) => fields['value'] === `${pair.value}-new`);
			expect(made).toHaveLength(1);
			expect((await erp.links()).filter(({ externalId }) => externalId === made[0]?.id)).toHaveLength(1);
		}
	},
	{
		name: 'create of ours',
		act: async (erp, pair) => void erp.memory.add('product', { value: `${pair.value}-new`, name: 'New' }),
		async check(erp, pair) {
			expect(await database.db.execute(sql`select 1 from m_product where value = ${`${pair.value}-new`}`)).toHaveLength(
				1
			);
			expect(await erp.links()).toHaveLength(2);
		}
	}
];

async function setUp() {
	const kill = killer();
	const channels = {};
	const dying = await createWorld(database.db, { channels, wrapStore: (store) => dyingStore(store, kill) });
	const next = await createWorld(database.db, { channels });
	number += 1;
	const pause = async () => {
		kill.step();
		if (kill.state.dead) await kill.never;
	};
	const erp = await dying.addChannel(
		`crash-${number}`,
		{ autoCreateExternal: true, autoCreateInternal: true },
		{ unique: null, pause }
	);
	const value = `CRASH-${number}`;
	const fields = {
		value,
		name: 'Before',
		description: null,
		gtin: null,
		price: '1',
		currency: null,
		weight: null,
		is_active: true
	};
	const internalId = await erp.addInternal(fields);
	const externalId = erp.memory.add('product', fields);
	await erp.link(internalId, externalId);
	// Records of other stories would be created here as well.
	await database.db.execute(sql`
		insert into c_channel_exclusion (c_channel_id, entity, kind, internal_id, created_by)
		select ${erp.channelId}::bigint, 'product', 'record', id, 'test' from m_product where id <> ${internalId}::bigint`);
	await erp.run();
	return {
		kill,
		erp,
		restarted: storyOf(database.db, next.engine, erp.channelId, erp.memory),
		pair: { internalId, externalId, value }
	};
}

/** A run of the next process, long after the last one fell silent. A beat that was on its way at its death may still land. */
async function runAfterDeath(restarted: Erp, mode: 'incremental' | 'full'): Promise<void> {
	for (let ended = 'queued'; ended === 'queued';) {
		await database.db.execute(sql`
			update sync_run set heartbeat_at = now() - interval '1 hour'
			where state = 'running' and c_channel_id = ${restarted.channelId}::bigint`);
		await restarted.passTime();
		ended = (await restarted.run(mode)).state;
	}
}

it.each(stories)('$name survives a kill after any step', { timeout: 120_000 }, async ({ act, check }) => {
	for (let step = 0; ; step++) {
		const { kill, erp, restarted, pair } = await setUp();
		await act(erp, pair);
		kill.state.armedAt = kill.state.steps + step;
		const end = await Promise.race([erp.run(), kill.died]);
		delete erp.memory.options.pause;

		await runAfterDeath(restarted, 'incremental');
		await runAfterDeath(restarted, 'full');
		await check(restarted, pair);
		expect(await restarted.conflicts(), `killed after step ${step}`).toEqual([]);
		for (const { status } of await restarted.links()) expect(status, `killed after step ${step}`).toBe('in-sync');
		if (end !== 'died') return expect(step).toBeGreaterThan(5);
	}
});
