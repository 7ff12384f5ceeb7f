import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resolveConflicts } from '#src/mappings/resolve-conflicts.ts';
import { listLosingDecisions, timestampLossCounts } from '#src/mappings/timestamp-losses.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { operator } from '../pg/people.ts';
import { createWorld } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
let number = 0;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

/** A linked pair that agrees, at a channel whose clock is a minute ahead of ours, or behind: its stamps are always newer, or older. */
async function linkedPair(clock: 'ahead' | 'behind', set: Parameters<typeof world.addChannel>[1] = {}) {
	number += 1;
	const skewMs = clock === 'ahead' ? 60_000 : -60_000;
	const erp = await world.addChannel(`clock-${number}`, set, { skewMs });
	const fields = { value: `LAMP-${number}`, name: 'Lamp', price: '10', currency: 'EUR', weight: '1', is_active: true };
	const internalId = await erp.addInternal(fields);
	const externalId = erp.memory.add('product', fields);
	const linkId = await erp.link(internalId, externalId);
	await erp.run();
	const decisions = async () => (await listLosingDecisions(database.db, { channelId: erp.channelId })).rows;
	const list = async () =>
		(await decisions()).flatMap(({ losses }) => losses.map(({ field, side, value }) => [field, side, value]));
	const count = async () => (await timestampLossCounts(database.db, { channelId: erp.channelId })).get(erp.channelId);
	return { erp, internalId, externalId, linkId, decisions, list, count };
}

it('counts our edit where the record of the channel is the newer one, and names what was done instead', async () => {
	const { erp, internalId, externalId, linkId, decisions, count } = await linkedPair('ahead');
	expect(await count()).toBeUndefined();
	await erp.editInternal(internalId, { name: 'Lamp, red' });
	erp.memory.edit('product', externalId, { price: '12' });
	await erp.run();
	expect(await decisions()).toEqual([
		expect.objectContaining({
			entity: 'product',
			linkId,
			linkKnown: true,
			internalId,
			value: `LAMP-${number}`,
			losses: [{ field: 'name', side: 'internal', value: 'Lamp, red' }],
			changes: expect.arrayContaining([
				{ field: 'name', side: 'external', before: 'Lamp', after: 'Lamp, red', rule: 'changed-internal' }
			]) as unknown
		})
	]);
	expect(await count()).toEqual({ last30Days: 1, ever: 1, isMinimum: false });
	await erp.run();
	await erp.run('full');
	expect(await count()).toEqual({ last30Days: 1, ever: 1, isMinimum: false });
});

it("counts the channel's edits where ours is the newer record, several of one record too", async () => {
	const { erp, internalId, externalId, list } = await linkedPair('behind');
	await erp.editInternal(internalId, { name: 'Lamp, red' });
	erp.memory.edit('product', externalId, { price: '12', weight: '3' });
	await erp.run();
	expect(await list()).toEqual([
		['price', 'external', '12.00'],
		['weight', 'external', '3.000']
	]);
});

it('counts no edit of the newer record', async () => {
	const { erp, internalId, externalId, count } = await linkedPair('behind');
	await erp.editInternal(internalId, { name: 'Lamp, red' });
	await erp.run();
	const other = await linkedPair('ahead');
	other.erp.memory.edit('product', other.externalId, { name: 'Lamp, blue' });
	await other.erp.run();
	expect(erp.memory.record('product', externalId)?.fields['name']).toBe('Lamp, red');
	expect(await count()).toBeUndefined();
	expect(await other.count()).toBeUndefined();
});

it('counts an edit once, however often it has to be sent', async () => {
	const { erp, internalId, externalId, list } = await linkedPair('ahead');
	await erp.editInternal(internalId, { name: 'Lamp, red' });
	erp.memory.failNext('update', { kind: 'fails', as: 'rejected' });
	await erp.run();
	await erp.passTime();
	await erp.editInternal(internalId, { weight: '5' });
	erp.memory.failNext('update', { kind: 'reply-lost' });
	await erp.run();
	await erp.passTime();
	await erp.run();
	expect(erp.memory.record('product', externalId)?.fields).toMatchObject({ name: 'Lamp, red', weight: '5.000' });
	expect((await list()).map(([field]) => field).toSorted()).toEqual(['name', 'weight']);
	await erp.editInternal(internalId, { name: 'Lamp, green' });
	await erp.run();
	expect(await list()).toContainEqual(['name', 'internal', 'Lamp, green']);
});

it('counts what a person was asked about, once, also after the choice', async () => {
	const { erp, internalId, externalId, linkId, decisions, count } = await linkedPair('ahead', {
		policy: { conflict: 'ask' }
	});
	await erp.editInternal(internalId, { name: 'Ours' });
	erp.memory.edit('product', externalId, { name: 'Theirs' });
	await erp.run();
	const asked = { losses: [{ field: 'name', side: 'internal', value: 'Ours' }], changes: [] };
	expect(await decisions()).toEqual([expect.objectContaining(asked)]);
	const link = await erp.linkState(linkId);
	const resolved = await resolveConflicts(database.db, {
		entity: 'product',
		linkId,
		choices: { name: 'internal' },
		internalRev: link?.internalVersion ?? '',
		externalVersion: link?.externalVersion ?? '',
		...operator
	});
	expect(resolved.ok).toBe(true);
	await erp.run();
	expect(erp.memory.record('product', externalId)?.fields['name']).toBe('Ours');
	expect(await count()).toEqual({ last30Days: 1, ever: 1, isMinimum: false });
});

it('counts nothing where the other rule could not have written', async () => {
	const { erp, internalId, count } = await linkedPair('ahead', {
		policy: { fields: { name: { direction: 'to-channel' } } }
	});
	await erp.editInternal(internalId, { name: 'Lamp, red' });
	await erp.run();
	expect(await count()).toBeUndefined();
});

it('tells what it was about after link and record are gone; the list is paged, newest first, channel by channel', async () => {
	const { erp, internalId, externalId, decisions, list, count } = await linkedPair('ahead');
	for (const name of ['one', 'two', 'three', 'two']) {
		await erp.editInternal(internalId, { name, weight: name === 'one' ? '7' : '1' });
		await erp.run();
	}
	expect((await list()).map(([, , value]) => value)).toEqual(['two', 'three', 'two', '1.000000', 'one', '7.000000']);
	expect(await count()).toEqual({ last30Days: 6, ever: 6, isMinimum: false });
	const page = (cursor: string | null) =>
		listLosingDecisions(database.db, { channelId: erp.channelId, limit: 2, cursor });
	const first = await page(null);
	const second = await page(first.next);
	expect([first.rows.length, second.rows.length, second.next]).toEqual([2, 2, null]);
	expect([...first.rows, ...second.rows]).toEqual(await decisions());
	expect((await page(second.previous)).rows).toEqual(first.rows);

	erp.memory.remove('product', externalId);
	await database.db.execute(sql`delete from c_channel_map_product where m_product_id = ${internalId}::bigint`);
	await database.db.execute(sql`delete from m_product where id = ${internalId}::bigint`);
	expect((await decisions())[0]).toMatchObject({ linkKnown: false, value: null, externalId });
	const all = await timestampLossCounts(database.db);
	expect(all.get(erp.channelId)).toEqual({ last30Days: 6, ever: 6, isMinimum: false });
	expect([...all.values()].reduce((sum, { ever }) => sum + ever, 0)).toBeGreaterThan(6);
});
