import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listHolds } from '#src/mappings/list-holds.ts';
import { goLive, stopLive } from '#src/mappings/manage-channel.ts';
import { decideHold } from '#src/store/decide-hold.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { type ChannelSetUp, createWorld, linkPairs } from './world.ts';

const administrator = { actor: { id: '1', name: 'Ada', role: 'administrator' }, via: 'web' } as const;
const pairsOfTwoBatches = 130;

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
let number = 0;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

/** Linked pairs, all edited here; `meanwhile` happens when the next run first asks for their records. */
async function editedPairs(set: ChannelSetUp) {
	number += 1;
	const during: { once?: (() => Promise<unknown>) | undefined } = {};
	const erp = await world.addChannel(`settings-${number}`, set, {
		async pause(at, { method }) {
			if (at !== 'before' || method !== 'read') return;
			const work = during.once;
			during.once = undefined;
			await work?.();
		}
	});
	const pairs = await linkPairs(erp, pairsOfTwoBatches, `SET-${number}`);
	for (const { internalId } of pairs) await erp.editInternal(internalId, { name: 'Ours' });
	const arrived = () => erp.memory.records('product').filter(({ fields }) => fields['name'] === 'Ours').length;
	const waiting = async () => (await erp.links()).filter(({ status }) => status !== 'in-sync').length;
	const at = { channelId: erp.channelId, entity: 'product', direction: 'push', ...administrator } as const;
	return { erp, during, arrived, waiting, at };
}

describe('what a person sets while a run is on its way', () => {
	it('goes live: what the run decided and decides is sent, and nothing stays behind', async () => {
		const { erp, during, arrived, waiting, at } = await editedPairs({ live: false });
		during.once = () => goLive(database.db, at);
		await erp.run();
		expect(during.once).toBeUndefined();
		await erp.run();
		expect(arrived()).toBe(pairsOfTwoBatches);
		expect(await waiting()).toBe(0);
	});

	it('goes back to watching: nothing more is sent but what was on its way', async () => {
		const { erp, during, arrived, at } = await editedPairs({});
		during.once = () => stopLive(database.db, at);
		await erp.run();
		expect(during.once).toBeUndefined();
		expect(arrived()).toBeLessThanOrEqual(100);
		expect((await erp.links()).filter(({ waiting }) => waiting === 'push')).toHaveLength(pairsOfTwoBatches - arrived());
	});

	it('goes back to watching: no record is created there any more', async () => {
		const during: { once?: (() => Promise<unknown>) | undefined } = {};
		const erp = await world.addChannel(
			'settings-creates',
			{ autoCreateExternal: true },
			{
				async pause(moment, { method }) {
					if (moment !== 'before' || method !== 'create') return;
					const work = during.once;
					during.once = undefined;
					await work?.();
				}
			}
		);
		for (const at of Array.from({ length: 5 }, (_, n) => n)) await erp.addInternal({ value: `NEW-${at}`, name: 'New' });
		const at = { channelId: erp.channelId, entity: 'product', direction: 'push', ...administrator } as const;
		during.once = () => stopLive(database.db, at);
		await erp.run();
		expect(during.once).toBeUndefined();
		expect(erp.memory.records('product'), 'the one that was on its way').toHaveLength(1);
	});

	it('approves what was held: it is sent, and nothing stays behind', async () => {
		const ceilings = {
			creates: { count: 10, share: 1 },
			deactivations: { count: 10, share: 1 },
			updates: { count: 20, share: 0 }
		};
		const { erp, during, arrived, waiting } = await editedPairs({ policy: { ceilings } });
		expect(await erp.run()).toMatchObject({ state: 'held' });
		const approve = async () => {
			const [hold] = await listHolds(database.db, { channelId: erp.channelId });
			expect(hold).toMatchObject({ kind: 'updates', waiting: pairsOfTwoBatches - 20 });
			return decideHold(database.db, { holdId: hold?.id ?? '', decision: 'approve', ...administrator });
		};
		const held = (await erp.links()).filter(({ status }) => status === 'pending');
		for (const { internalId } of held) await erp.editInternal(internalId, { description: 'New' });
		during.once = approve;
		await erp.run();
		expect(during.once).toBeUndefined();
		await erp.run();
		expect(arrived()).toBe(pairsOfTwoBatches);
		expect(await waiting()).toBe(0);
	});
});
