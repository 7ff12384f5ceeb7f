import { sql } from 'drizzle-orm';
import { afterAll, expect, it } from 'vitest';
import { entityNamed } from '#src/entities/registry.ts';
import type { Entity } from '#src/entities/entity.ts';
import { learnedRewritings } from '#src/mappings/learned-rewritings.ts';
import { saveChannelEntity } from '#src/mappings/manage-channel.ts';
import type { ChannelEntityPolicy } from '#src/sync/policy.ts';
import { testDatabase } from '../pg/database.ts';
import { administrator } from '../pg/people.ts';
import { createWorld, type Story } from './world.ts';

const database = await testDatabase();
afterAll(database.close);
const { db } = database;
const product = entityNamed('product') as Entity;

type Rules = ChannelEntityPolicy['fields'];

it('learns how a channel rewrites a field; agreed to, that is no conflict, and edits still count', async () => {
	const { shop, pairs } = await rewrittenNames(['Trail lamp', 'Storm tent', 'Harbour mug', 'Polar axe']);
	const waiting = (await shop.conflicts()).filter(({ state }) => state === 'open');
	expect(waiting.map(({ field, rule }) => `${field} ${rule}`)).toEqual(pairs.map(() => 'name ask: value-unconfirmed'));
	// The newest of them is an edit: the example is one that the rewriting made.
	await db.execute(sql`
		insert into sync_conflict (c_channel_id, entity, link_id, internal_id, external_id, field, base, internal, external, internal_rev, external_version, state, rule)
		select c_channel_id, entity, 0, internal_id, external_id, field, '"Rope"', '"Rope"', '"CORD"', internal_rev, external_version, state, rule
		from sync_conflict where c_channel_id = ${shop.channelId}::bigint and state = 'open' limit 1`);
	const learned = await learnedRewritings(db, product, shop);
	await db.execute(sql`delete from sync_conflict where link_id = 0`);
	expect(learned).toEqual([{ field: 'name', rewriting: { kind: 'upper' }, sent: 'Polar axe', returned: 'POLAR AXE' }]);

	await save(shop, 1, { name: { rewriting: { kind: 'upper' } } });
	const written = shop.memory.writes().length;
	await shop.run();
	expect((await shop.conflicts()).filter(({ state }) => state === 'open')).toEqual([]);
	expect((await shop.links()).map(({ status }) => status)).toEqual(pairs.map(() => 'in-sync'));
	expect(shop.memory.writes().length).toBe(written);
	expect((await shop.internal(pairs[0]!.ours))?.['name']).toBe('Trail lamp');

	await shop.editInternal(pairs[0]!.ours, { name: 'Trail lamp two' });
	shop.memory.edit('product', pairs[1]!.theirs, { name: 'SHELTER' });
	for (let runs = 0; runs < 3; runs++) await shop.run();
	expect(shop.memory.record('product', pairs[0]!.theirs)?.fields['name']).toBe('TRAIL LAMP TWO');
	expect((await shop.internal(pairs[1]!.ours))?.['name']).toBe('SHELTER');
	expect((await shop.conflicts()).filter(({ state }) => state === 'open')).toEqual([]);
	expect(shop.memory.writes().length).toBe(written + 1);
});

it('keeps what was agreed to when other rules are saved, and asks again once it is dropped', async () => {
	const { shop, pairs } = await rewrittenNames(['Meadow mat', 'Ridge rope', 'Fjord pack']);
	await save(shop, 1, { name: { rewriting: { kind: 'upper' } } });
	await save(shop, 2, { name: { direction: 'to-channel' } });
	await shop.run();
	expect((await shop.conflicts()).filter(({ state }) => state === 'open')).toEqual([]);
	await save(shop, 3, { name: { rewriting: null } });
	await shop.run();
	expect((await shop.conflicts()).filter(({ state }) => state === 'open').map(({ field }) => field)).toEqual(
		pairs.map(() => 'name')
	);
});

it('takes no rewriting that is none', async () => {
	const { shop } = await rewrittenNames(['Summit stove']);
	for (const rewriting of [{ kind: 'reverse' }, { kind: 'round', digits: -1 }, { kind: 'cut', length: 0 }]) {
		const fields = { name: { rewriting } } as unknown as Rules;
		const result = await saveChannelEntity(db, entityOf(shop, 1, fields));
		expect(result).toMatchObject({ ok: false, kind: 'invalid' });
	}
});

let number = 0;

/** Linked pairs whose names were sent once, to a channel that writes them in capitals and says so to nobody. */
async function rewrittenNames(names: readonly string[]) {
	const world = await createWorld(db);
	const fields = [
		{ name: 'value', type: 'text' as const },
		{ name: 'name', type: 'text' as const, rewrite: 'upper' as const, hidden: true as const }
	];
	const shop = await world.addChannel(`Shop ${(number += 1)}`, {}, { entities: { product: fields } });
	const pairs: { ours: string; theirs: string }[] = [];
	for (const [index, name] of names.entries()) {
		const value = `R-${number}-${index}`;
		const ours = await shop.addInternal({ value, name: `OLD ${index}` });
		const theirs = shop.memory.add('product', { value, name: `OLD ${index}` });
		await shop.link(ours, theirs);
		pairs.push({ ours, theirs });
		await shop.run();
		await shop.editInternal(ours, { name });
	}
	for (let runs = 0; runs < 3; runs++) {
		await shop.run();
		await shop.passTime();
	}
	return { shop, pairs };
}

const entityOf = (shop: Story, settingsRev: number, fields: Rules) => ({
	channelId: shop.channelId,
	entity: 'product',
	settingsRev,
	policy: { fields },
	...administrator
});

async function save(shop: Story, settingsRev: number, fields: Rules): Promise<void> {
	expect(await saveChannelEntity(db, entityOf(shop, settingsRev, fields))).toMatchObject({ ok: true });
}
