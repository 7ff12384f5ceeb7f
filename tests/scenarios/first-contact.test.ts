import { afterAll, beforeAll, expect, it } from 'vitest';
import { entityNamed } from '#src/entities/registry.ts';
import { readFirstContact, settleFirstContact } from '#src/mappings/first-contact.ts';
import { goLive, saveChannelEntity } from '#src/mappings/manage-channel.ts';
import { readChannel } from '#src/mappings/read-channel.ts';
import type { FirstContactRule } from '#src/sync/policy.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { administrator, as, operator } from '../pg/people.ts';
import { createWorld } from './world.ts';

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
let number = 0;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
afterAll(() => database.close());

const product = entityNamed('product');
if (!product) throw new Error('no products');

/** Links that differ in name everywhere, in description on one side or both, and in the price of every second one. */
async function aSet(size: number) {
	number += 1;
	const shop = await world.addChannel(`set-${number}`, { live: false });
	const pairs: { internalId: string; externalId: string; linkId: string }[] = [];
	for (let index = 0; index < size; index++) {
		const value = `SET-${number}-${index}`;
		const same = { value, currency: 'EUR', weight: '1', is_active: true };
		const [ours, theirs] = [
			['Ours', null],
			[null, 'Theirs'],
			['Ours', 'Theirs']
		][index % 3] as [string | null, string | null];
		const internalId = await shop.addInternal({ ...same, name: `Our ${index}`, description: ours, price: '10' });
		const price = index % 2 === 0 ? '10' : '12';
		const externalId = shop.memory.add('product', { ...same, name: `Their ${index}`, description: theirs, price });
		pairs.push({ internalId, externalId, linkId: await shop.link(internalId, externalId) });
	}
	await shop.run('full');
	const at = { channelId: shop.channelId, entity: 'product' };
	const read = () => readFirstContact(database.db, product as NonNullable<typeof product>, { ...at, atMost: null });
	const settingsRev = async () =>
		(await readChannel(database.db, { channelId: shop.channelId }))?.entities.find(({ entity }) => entity === 'product')
			?.settingsRev ?? 0;
	const settle = async (choices: Record<string, FirstContactRule>, more: object = {}) => {
		const found = await read();
		const counts = Object.fromEntries(
			found.fields
				.filter(({ field }) => choices[field] !== undefined)
				.map(({ field, internalEmpty, externalEmpty, differing }) => [
					field,
					{ internalEmpty, externalEmpty, differing }
				])
		);
		return settleFirstContact(database.db, {
			...at,
			settingsRev: await settingsRev(),
			choices,
			counts,
			...operator,
			...more
		});
	};
	const live = async () => {
		for (const direction of ['push', 'pull'] as const)
			await goLive(database.db, { ...at, direction, ...administrator });
	};
	return { shop, pairs, at, read, settle, settingsRev, live };
}

it('is counted per field and settled for the whole set: what the preview counts is what happens', async () => {
	const { shop, pairs, read, settle, live } = await aSet(240);
	const before = await read();
	expect(before).toMatchObject({ compared: 240, notCompared: 0 });
	expect(before.fields.map(({ field, samples: _, ...counts }) => [field, counts])).toEqual([
		['name', { internalEmpty: 0, externalEmpty: 0, differing: 240, more: false }],
		['description', { internalEmpty: 80, externalEmpty: 80, differing: 80, more: false }],
		['price', { internalEmpty: 0, externalEmpty: 0, differing: 120, more: false }]
	]);
	expect(before.fields[0]?.samples).toHaveLength(3);
	expect(shop.memory.writes()).toEqual([]);

	expect(await settle({ name: 'internal-wins', description: 'fill-blanks', price: 'external-wins' })).toEqual({
		ok: true,
		links: 240
	});
	// Still watching: the choice is kept, nothing is written.
	await shop.run();
	expect(shop.memory.writes()).toEqual([]);
	expect((await read()).fields.map(({ field, differing }) => [field, differing])).toEqual([['description', 80]]);

	await live();
	expect((await shop.run()).state).toBe('succeeded');
	for (const [index, { internalId, externalId }] of pairs.entries()) {
		const ours = await shop.internal(internalId);
		const theirs = shop.memory.record('product', externalId)?.fields;
		expect([ours?.['name'], theirs?.['name']]).toEqual([`Our ${index}`, `Our ${index}`]);
		expect(Number(ours?.['price'])).toBe(index % 2 === 0 ? 10 : 12);
		const description = [
			['Ours', 'Ours'],
			['Theirs', 'Theirs'],
			['Ours', 'Theirs']
		][index % 3];
		expect([ours?.['description'], theirs?.['description']]).toEqual(description);
	}
	const lost = (await shop.journal()).flatMap(({ changes }) => changes.filter((change) => 'lost' in change));
	expect(lost.filter(({ field }) => field === 'name')).toHaveLength(240);
	expect(lost.filter(({ field }) => field === 'price')).toHaveLength(120);
});

it('holds for the links there were: a later one asks again, and so does a choice that is taken back', async () => {
	const { shop, read, settle, live } = await aSet(2);
	await settle({ name: 'internal-wins' });
	await shop.run();
	const internalId = await shop.addInternal({ value: 'LATER', name: 'Our later' });
	const externalId = shop.memory.add('product', { value: 'LATER', name: 'Their later', is_active: true });
	await shop.link(internalId, externalId);
	await shop.run();
	const names = async () => (await read()).fields.find(({ field }) => field === 'name')?.differing ?? 0;
	expect(await names()).toBe(1);
	expect(await settle({ name: 'ask' })).toMatchObject({ ok: true, links: 0 });
	await shop.run();
	expect(await names()).toBe(3);
	await live();
	await shop.run();
	expect(shop.memory.writes()).toEqual([]);
});

it('refuses counts that moved, an old page, a side that the field does not flow from, and who may not', async () => {
	const { shop, at, read, settle, settingsRev } = await aSet(3);
	const counts = { name: { internalEmpty: 0, externalEmpty: 0, differing: 2 } };
	expect(await settle({ name: 'internal-wins' }, { counts })).toMatchObject({ kind: 'stale', field: 'name' });
	expect(await settle({ name: 'internal-wins' }, { counts: {} })).toMatchObject({ kind: 'stale' });
	expect(await settle({ name: 'internal-wins' }, { settingsRev: 77 })).toMatchObject({ kind: 'stale' });
	expect(await settle({})).toMatchObject({ ok: false });
	expect(await settle({ name: 'internal-wins' }, as('viewer'))).toMatchObject({ kind: 'not-allowed' });
	expect(await settle({ name: 'newest-wins' as FirstContactRule })).toMatchObject({ kind: 'invalid' });
	expect(await settle({ 'no-such-field': 'internal-wins' })).toMatchObject({ kind: 'stale' });
	expect(
		await settle({ name: 'internal-wins' }, { counts: { name: { internalEmpty: -1, externalEmpty: 0, differing: 3 } } })
	).toMatchObject({ kind: 'invalid' });
	await saveChannelEntity(database.db, {
		...at,
		settingsRev: await settingsRev(),
		policy: { fields: { name: { direction: 'from-channel' } } },
		...administrator
	});
	expect(await settle({ name: 'internal-wins' })).toMatchObject({ kind: 'invalid', field: 'name' });
	await shop.run();
	expect((await read()).fields.find(({ field }) => field === 'name')?.differing).toBe(3);
	expect(await settle({ name: 'external-wins' })).toMatchObject({ ok: true, links: 3 });
	expect(await settle({ name: 'external-wins' })).toMatchObject({ ok: true, links: 3 });
	await shop.run();
	expect(await settle({ name: 'external-wins' })).toMatchObject({ kind: 'stale' });
});
