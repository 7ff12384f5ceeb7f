import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { defaultEntities } from '#src/engine/connectors/memory/options.ts';
import { giveBack } from '#src/mappings/give-back.ts';
import { addCustomField, putBackCustomField, removeCustomField } from '#src/mappings/manage-fields.ts';
import { readLink } from '#src/mappings/read-link.ts';
import { resolveConflicts } from '#src/mappings/resolve-conflicts.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { administrator, operator } from '../pg/people.ts';
import { createWorld, type ChannelSetUp } from './world.ts';

const entities = {
	...defaultEntities,
	product: [
		...(defaultEntities['product'] ?? []),
		{ name: 'colour', type: 'text' as const },
		{ name: 'length_cm', type: 'decimal' as const },
		{ name: 'fragile', type: 'boolean' as const }
	]
};
const theirsOnly = { colour: null, length_cm: null, fragile: null };
const at = { entity: 'product', name: 'colour' };

let database: TestDatabase;
let world: Awaited<ReturnType<typeof createWorld>>;
let number = 0;

beforeAll(async () => {
	database = await testDatabase();
	world = await createWorld(database.db);
});
beforeEach(() => database.db.execute(sql`delete from sync_custom_field`));
afterAll(() => database.close());

type Attributes = Record<string, string>;

async function addField(name: string, type: 'text' | 'decimal' | 'boolean' = 'text') {
	const field = { entity: 'product', name, label: `The ${name}`, type, maxLength: null, scale: null };
	expect(await addCustomField(database.db, { ...field, ...administrator })).toEqual({ ok: true });
}

/** A channel with such fields, and a product on both sides, linked and compared. */
async function lamp(ours: Attributes = {}, theirs: object = {}, set: ChannelSetUp = {}) {
	number += 1;
	const erp = await world.addChannel(`custom-${number}`, set, { entities });
	const plain = { value: `LAMP-${number}`, name: 'Lamp', price: '5', is_active: true };
	const blank = { description: null, gtin: null, currency: null, weight: null };
	const internalId = await erp.addInternal(plain);
	const editOurs = (attributes: Record<string, string | null>) =>
		database.db.execute(sql`
			update m_product set attributes = attributes || ${JSON.stringify(attributes)}::text::jsonb where id = ${internalId}::bigint`);
	await editOurs(ours);
	const externalId = erp.memory.add('product', { ...plain, ...blank, ...theirsOnly, ...theirs });
	const linkId = await erp.link(internalId, externalId);
	await erp.run();
	return {
		erp,
		internalId,
		externalId,
		linkId,
		editOurs,
		editTheirs: (fields: Record<string, string | boolean | null>) => erp.memory.edit('product', externalId, fields),
		ours: async () => {
			const [row] = await database.db.execute<{ attributes: Attributes }>(
				sql`select attributes from m_product where id = ${internalId}::bigint`
			);
			return row?.attributes;
		},
		theirs: (field = 'colour') => erp.memory.record('product', externalId)?.fields[field],
		status: async () => (await erp.linkState(linkId))?.status
	};
}

it('is sent, received, merged with what else changed and journaled, and then left alone', async () => {
	await addField('colour');
	const { erp, ours, theirs, editOurs, editTheirs, status } = await lamp({ colour: 'red' }, { colour: 'red' });
	await editOurs({ colour: 'blue' });
	editTheirs({ name: 'Lamp 2' });
	await erp.run();
	expect([theirs(), await ours()]).toEqual(['blue', { colour: 'blue' }]);
	editTheirs({ colour: 'green' });
	await erp.run();
	expect(await ours()).toEqual({ colour: 'green' });
	editTheirs({ colour: null });
	await erp.run();
	expect(await ours()).toEqual({});
	const changes = (await erp.journal()).flatMap((entry) => entry.changes);
	expect(changes.filter(({ field }) => field === 'colour')).toMatchObject([
		{ side: 'external', before: 'red', after: 'blue' },
		{ side: 'internal', before: 'blue', after: 'green' },
		{ side: 'internal', before: 'green', after: null }
	]);
	const writes = erp.memory.writes().length;
	await erp.run('full');
	expect([erp.memory.writes().length, await status()]).toEqual([writes, 'in-sync']);
});

it('holds numbers and yes or no as they are, on both sides', async () => {
	await addField('length_cm', 'decimal');
	await addField('fragile', 'boolean');
	const at = await lamp({ length_cm: '12.5', fragile: 'true' }, { length_cm: '12.50', fragile: true });
	expect(await at.status()).toBe('in-sync');
	at.editTheirs({ length_cm: '13', fragile: false });
	await at.erp.run();
	expect(await at.ours()).toEqual({ length_cm: '13.000000', fragile: 'false' });
	await at.editOurs({ length_cm: '13.25', fragile: 'true' });
	await at.erp.run();
	expect([at.theirs('length_cm'), at.theirs('fragile')]).toEqual(['13.25', true]);
	at.editTheirs({ length_cm: 'as long as it is' });
	await at.erp.run();
	expect(await at.ours()).toEqual({ length_cm: '13.25', fragile: 'true' });
	expect(await at.status()).not.toBe('in-sync');
});

it('edited on both sides is a conflict; the value that gave way is journaled and can be given back', async () => {
	await addField('colour');
	const { erp, linkId, ours, theirs, editOurs, editTheirs } = await lamp(
		{ colour: 'red' },
		{ colour: 'red' },
		{ policy: { conflict: 'ask' } }
	);
	await editOurs({ colour: 'blue' });
	editTheirs({ colour: 'green' });
	await erp.run();
	expect([theirs(), await ours()]).toEqual(['green', { colour: 'blue' }]);
	expect(await erp.conflicts()).toMatchObject([
		{ field: 'colour', state: 'open', internal: 'blue', external: 'green' }
	]);
	const link = await readLink(database.db, { entity: 'product', id: linkId });
	const resolved = await resolveConflicts(database.db, {
		entity: 'product',
		linkId,
		choices: { colour: 'external' },
		internalRev: link?.internal?.rev ?? '',
		externalVersion: link?.externalVersion ?? '',
		...operator
	});
	expect(resolved).toMatchObject({ ok: true, resolved: 1, open: 0 });
	await erp.run();
	expect(await ours()).toEqual({ colour: 'green' });
	const [write] = await database.db.execute<{ id: string }>(sql`
		select id::text as id from sync_decision where link_id = ${linkId}::bigint and action = 'pull' order by sync_decision.id desc limit 1`);
	const given = await giveBack(database.db, {
		decisionId: write?.id ?? '',
		field: 'colour',
		side: 'internal',
		...operator
	});
	expect(given).toMatchObject({ ok: true, value: 'blue' });
	await erp.run();
	expect([theirs(), await ours()]).toEqual(['blue', { colour: 'blue' }]);
});

it('is part of records that are created, both ways', async () => {
	await addField('colour');
	const creating = { autoCreateExternal: true, autoCreateInternal: true };
	const { erp, editOurs } = await lamp({}, {}, creating);
	await editOurs({ colour: 'red' });
	await database.db.execute(sql`
		insert into m_product (value, name, attributes) values ('NEW-OURS', 'New', '{"colour":"white"}')`);
	erp.memory.add('product', { value: 'NEW-THEIRS', name: 'New', ...theirsOnly, colour: 'black', is_active: true });
	await erp.run();
	await erp.run();
	const made = erp.memory.records('product').filter(({ fields }) => fields['value'] === 'NEW-OURS');
	expect(made.map(({ fields }) => fields['colour'])).toEqual(['white']);
	const taken = await database.db.execute(sql`select attributes from m_product where value = 'NEW-THEIRS'`);
	expect([...taken]).toEqual([{ attributes: { colour: 'black' } }]);
	expect((await erp.links()).map(({ status }) => status)).toEqual(['in-sync', 'in-sync', 'in-sync']);
});

it('added later is compared for the first time by the next run, and overwrites nothing', async () => {
	const { erp, ours, theirs, status } = await lamp({ colour: 'red' }, { colour: 'green' });
	await erp.run('full');
	expect(await status()).toBe('in-sync');
	await addField('colour');
	await erp.run();
	expect([theirs(), await ours(), await status()]).toEqual(['green', { colour: 'red' }, 'conflict']);
	expect(await erp.conflicts()).toMatchObject([
		{ field: 'colour', rule: 'first-contact: ask', internal: 'red', external: 'green' }
	]);
	expect(erp.memory.writes()).toEqual([]);
});

it('removed is left alone on both sides, what was asked about it is over, and put back it goes on from the last agreement', async () => {
	await addField('colour');
	const { erp, ours, theirs, editOurs, editTheirs, status } = await lamp(
		{ colour: 'red' },
		{ colour: 'red' },
		{ policy: { conflict: 'ask' } }
	);
	await erp.run('full');
	await editOurs({ colour: 'blue' });
	editTheirs({ colour: 'green' });
	await erp.run();
	expect(await status()).toBe('conflict');
	expect(await removeCustomField(database.db, { ...at, ...administrator })).toEqual({ ok: true });
	editTheirs({ colour: 'red' });
	await erp.run();
	expect([theirs(), await ours(), await status()]).toEqual(['red', { colour: 'blue' }, 'in-sync']);
	expect((await erp.conflicts()).filter(({ state }) => state === 'open')).toEqual([]);
	expect(await putBackCustomField(database.db, { ...at, ...administrator })).toEqual({ ok: true });
	await erp.run();
	expect([theirs(), await status()]).toEqual(['blue', 'in-sync']);
});

it('holds what is no number by another program’s hand: left alone on both sides, and the others go on', async () => {
	await addField('length_cm', 'decimal');
	const { erp, ours, theirs, editOurs, editTheirs } = await lamp({ length_cm: '12' }, { length_cm: '12' });
	await editOurs({ length_cm: '1,"price":0' });
	editTheirs({ name: 'Lamp 2' });
	await erp.run();
	expect([theirs('length_cm'), await ours()]).toEqual(['12', { length_cm: '1,"price":0' }]);
	await editOurs({ length_cm: '13' });
	await erp.run();
	expect(theirs('length_cm')).toBe('13');
});

it('that only the channel has stays the channel’s', async () => {
	const { erp, ours, editTheirs, status } = await lamp({}, { colour: 'red' });
	editTheirs({ colour: 'green' });
	await erp.run();
	expect([await ours(), await status()]).toEqual([{}, 'in-sync']);
	expect(erp.memory.writes()).toEqual([]);
});
