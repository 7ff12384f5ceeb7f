import { afterAll, beforeAll, expect, it } from 'vitest';
import { resolveConflicts } from '#src/mappings/resolve-conflicts.ts';
import { listTimestampLosses, timestampLossCounts } from '#src/mappings/timestamp-losses.ts';
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
	const list = async () => (await listTimestampLosses(database.db, { channelId: erp.channelId })).rows;
	const count = async () => (await timestampLossCounts(database.db, { channelId: erp.channelId })).get(erp.channelId);
	return { erp, internalId, externalId, linkId, list, count };
}

it('counts our edit where the record of the channel is the newer one, and names what was done instead', async () => {
	const { erp, internalId, externalId, linkId, list, count } = await linkedPair('ahead');
	expect(await count()).toBeUndefined();
	await erp.editInternal(internalId, { name: 'Lamp, red' });
	erp.memory.edit('product', externalId, { price: '12' });
	await erp.run();
	expect(await list()).toEqual([
		expect.objectContaining({
			entity: 'product',
			linkId,
			linkKnown: true,
			internalId,
			value: `LAMP-${number}`,
			field: 'name',
			side: 'internal',
			lost: 'Lamp, red',
			change: { field: 'name', side: 'external', before: 'Lamp', after: 'Lamp, red', rule: 'changed-internal' }
		})
	]);
	expect(await count()).toEqual({ last30Days: 1, ever: 1 });
	await erp.run();
	await erp.run('full');
	expect(await count()).toEqual({ last30Days: 1, ever: 1 });
});

it("counts the channel's edits where ours is the newer record, several of one record too", async () => {
	const { erp, internalId, externalId, list } = await linkedPair('behind');
	await erp.editInternal(internalId, { name: 'Lamp, red' });
	erp.memory.edit('product', externalId, { price: '12', weight: '3' });
	await erp.run();
	expect((await list()).map(({ field, side, lost }) => [field, side, lost])).toEqual([
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
	expect((await list()).map(({ field }) => field).toSorted()).toEqual(['name', 'weight']);
	await erp.editInternal(internalId, { name: 'Lamp, green' });
	await erp.run();
	expect((await list()).map(({ lost }) => lost)).toContain('Lamp, green');
});

it('counts what a person was asked about, once, also after the choice', async () => {
	const { erp, internalId, externalId, linkId, list, count } = await linkedPair('ahead', {
		policy: { conflict: 'ask' }
	});
	await erp.editInternal(internalId, { name: 'Ours' });
	erp.memory.edit('product', externalId, { name: 'Theirs' });
	await erp.run();
	expect(await list()).toEqual([expect.objectContaining({ lost: 'Ours', side: 'internal', change: null })]);
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
	expect(await count()).toEqual({ last30Days: 1, ever: 1 });
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
	const { erp, internalId, externalId, list, count } = await linkedPair('ahead');
	for (const name of ['one', 'two', 'three', 'two']) {
		await erp.editInternal(internalId, { name, weight: name === 'one' ? '7' : '1' });
		await erp.run();
	}
	const whole = await list();
	expect(whole.map(({ lost }) => lost)).toEqual(['two', 'three', 'two', '1.000000', 'one', '7.000000']);
	expect(await count()).toEqual({ last30Days: 6, ever: 6 });
	const pages = [];
	let cursor: string | null = null;
	do {
		const page = await listTimestampLosses(database.db, { channelId: erp.channelId, limit: 2, cursor });
		pages.push(page.rows);
		cursor = page.next;
	} while (cursor !== null);
	expect(pages.map((rows) => rows.length)).toEqual([2, 2, 2]);
	expect(pages.flat()).toEqual(whole);
	erp.memory.remove('product', externalId);
	await database.db.execute(`delete from c_channel_map_product where m_product_id = ${internalId}`);
	await database.db.execute(`delete from m_product where id = ${internalId}`);
	expect((await list())[0]).toMatchObject({ linkKnown: false, value: null, externalId });
	const all = await timestampLossCounts(database.db);
	expect(all.get(erp.channelId)).toEqual({ last30Days: 6, ever: 6 });
	expect([...all.values()].reduce((sum, { ever }) => sum + ever, 0)).toBeGreaterThan(6);
});
