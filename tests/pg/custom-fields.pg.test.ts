import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { customFieldsAtMost } from '#src/entities/custom-fields.ts';
import { createRecord } from '#src/mappings/create-record.ts';
import { entityIn } from '#src/mappings/entities-now.ts';
import { listCustomFields } from '#src/mappings/list-custom-fields.ts';
import { listSuggestions } from '#src/mappings/list-suggestions.ts';
import {
	addCustomField,
	putBackCustomField,
	removeCustomField,
	renameCustomField
} from '#src/mappings/manage-fields.ts';
import { readRecord } from '#src/mappings/read-record.ts';
import { saveRecord } from '#src/mappings/save-record.ts';
import { testDatabase } from './database.ts';
import { aChannel, administrator, anExternal, aProduct, aSuggestion, as } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);
beforeEach(async () => {
	await db.execute(sql`delete from sync_custom_field`);
	await db.execute(sql`delete from audit_event`);
});

let counter = 0;
const at = { entity: 'product', name: 'colour' };
const colour = { ...at, label: 'Colour', type: 'text', maxLength: 20, scale: null } as const;
const add = (field: object = {}) => addCustomField(db, { ...colour, ...field, ...administrator });
const labels = async () => (await entityIn(db, 'product'))?.fields.flatMap((f) => (f.attribute ? [f.label] : []));

type Kept = { attributes: unknown; changed: Record<string, string>; rev: string; hints: number };
const kept = async (id: string) => {
	const [row] = await db.execute<Kept>(sql`
		select attributes, changed, rev::text as rev, (select count(*)::int from sync_outbox o where o.entity = 'product' and o.record_id = p.id) as hints
		from m_product p where id = ${id}::bigint`);
	return row;
};

test('a changed attribute is a change of the field of that name and of nothing else, whoever writes it', async () => {
	const id = await aProduct(db, `TRIGGER-${++counter}`);
	const set = (attributes: object) =>
		db.execute(
			sql`update m_product set attributes = ${JSON.stringify(attributes)}::text::jsonb where id = ${id}::bigint`
		);
	await set({ colour: 'red', size: 'L' });
	const first = await kept(id);
	expect(Object.keys(first?.changed ?? {}).sort()).toEqual(['colour', 'size']);
	expect(first).toMatchObject({ rev: '2', hints: 2 });
	await set({ colour: 'red', size: 'XL' });
	const second = await kept(id);
	expect(second?.changed['colour']).toBe(first?.changed['colour']);
	expect(second?.changed['size']).not.toBe(first?.changed['size']);
	await set({ colour: 'red', size: 'XL' });
	expect(await kept(id)).toEqual(second);
	await set({ size: 'XL' });
	const gone = await kept(id);
	expect(gone?.changed['colour']).not.toBe(second?.changed['colour']);
	expect(gone?.changed['size']).toBe(second?.changed['size']);
	// One that is named like a column is none.
	await set({ size: 'XL', name: 'Not the name' });
	expect((await kept(id))?.changed).toEqual(gone?.changed);
	await db.execute(sql`update m_product set name = 'Renamed' where id = ${id}::bigint`);
	expect(Object.keys((await kept(id))?.changed ?? {}).sort()).toEqual(['colour', 'name', 'size']);
});

test('a writer that names the time of an attribute keeps it', async () => {
	expect(await add()).toEqual({ ok: true });
	const id = await aProduct(db, `TIMES-${++counter}`);
	const entity = await entityIn(db, 'product');
	const time = '2026-01-02T03:04:05.000006Z';
	await db.transaction((tx) =>
		(entity as NonNullable<typeof entity>).store.compareAndSet(tx, [
			{ id, rev: '1', fields: { colour: 'red', name: 'Named' }, changed: { colour: time } }
		])
	);
	const row = await kept(id);
	expect(row?.changed['colour']).toBe(time);
	expect(row?.changed['name']).not.toBe(time);
	expect(row?.attributes).toEqual({ colour: 'red' });
});

test('a person fills it in, changes it and empties it; what other programs keep beside it stays', async () => {
	await add();
	await add({ name: 'length_cm', label: 'Length', type: 'decimal', maxLength: null, scale: 1 });
	const value = `FORM-${++counter}`;
	const made = await createRecord(db, {
		entity: 'product',
		fields: { value, name: 'A', colour: ' red ', length_cm: '12.5' },
		...as('operator')
	});
	if (!made.ok) throw new Error(made.message);
	const record = { entity: 'product', id: made.id };
	expect((await readRecord(db, record))?.fields).toMatchObject({ colour: 'red', length_cm: '12.500000' });
	await db.execute(
		sql`update m_product set attributes = attributes || '{"erp_note":{"a":[1]}}' where id = ${made.id}::bigint`
	);
	const save = async (fields: Record<string, string | null>) =>
		saveRecord(db, { ...record, rev: (await readRecord(db, record))?.rev ?? '', fields, ...as('operator') });
	expect(await save({ colour: null, length_cm: '13' })).toMatchObject({ ok: true });
	expect((await kept(made.id))?.attributes).toEqual({ length_cm: '13.000000', erp_note: { a: [1] } });
	expect(await save({ length_cm: '1.25' })).toMatchObject({ ok: false, field: 'length_cm' });
	expect(await save({ length_cm: 'long' })).toMatchObject({ ok: false, field: 'length_cm' });
	expect(await save({ colour: 'x'.repeat(21) })).toMatchObject({ ok: false, field: 'colour' });
	expect(await save({ size: 'L' })).toMatchObject({ ok: false, field: 'size' });
	const [entry] = await db.execute<{ fields: string[] }>(sql`
		select array(select c ->> 'field' from jsonb_array_elements(changes) c) as fields from sync_decision
		where internal_id = ${made.id}::bigint and action = 'edit'`);
	expect(entry?.fields).toEqual(['colour', 'length_cm']);
});

test('is added, renamed, removed and put back by an administrator only, each of it audited', async () => {
	for (const verb of [addCustomField, renameCustomField, removeCustomField, putBackCustomField])
		expect(await verb(db, { ...colour, ...as('operator') })).toMatchObject({ ok: false, kind: 'not-allowed' });
	expect(await add()).toEqual({ ok: true });
	expect(await renameCustomField(db, { ...at, label: 'Color', ...administrator })).toEqual({ ok: true });
	expect(await labels()).toEqual(['Color']);
	expect(await removeCustomField(db, { ...at, ...administrator })).toEqual({ ok: true });
	expect(await labels()).toEqual([]);
	expect(await removeCustomField(db, { ...at, ...administrator })).toMatchObject({ ok: false, kind: 'stale' });
	expect(await add()).toMatchObject({ ok: false, field: 'name', hint: expect.stringContaining('Put Color back') });
	expect(await putBackCustomField(db, { ...at, ...administrator })).toEqual({ ok: true });
	expect(await listCustomFields(db)).toMatchObject([{ name: 'colour', label: 'Color', removed: false }]);
	const trail = await db.execute<{ action: string; actor: string }>(
		sql`select action, actor from audit_event where object = 'field/product/colour' order by id`
	);
	expect(trail.map(({ action }) => action)).toEqual(['add-field', 'rename-field', 'remove-field', 'put-back-field']);
});

test('names that mean something else, and fields without end, are refused in words', async () => {
	for (const name of ['__proto__', 'Colour', 'co lour', 'colour;', '1st', '', 'x'.repeat(61), 'colour\0'])
		expect([name, await add({ name })]).toMatchObject([name, { ok: false, field: 'name' }]);
	for (const name of ['value', 'name', 'rev', 'changed', 'attributes', 'm_product_category_id', 'constructor', 'was'])
		expect([name, await add({ name })]).toMatchObject([name, { ok: false, kind: 'invalid', field: 'name' }]);
	expect(await add({ entity: 'nothing' })).toMatchObject({ ok: false, field: 'entity' });
	expect(await add({ label: ' ' })).toMatchObject({ ok: false, field: 'label' });
	expect(await add({ label: 'price' })).toMatchObject({ ok: false, field: 'label' });
	expect(await add({ type: 'json' })).toMatchObject({ ok: false, field: 'type' });
	expect(await add({ type: 'decimal', scale: 7 })).toMatchObject({ ok: false, field: 'scale' });
	expect(await add()).toEqual({ ok: true });
	expect(await add()).toMatchObject({ ok: false, field: 'name' });
	expect(await add({ name: 'colour_2' })).toMatchObject({ ok: false, field: 'label' });
	const answers: boolean[] = [];
	for (let n = 0; n < 60; n++) answers.push((await add({ name: `f${n}`, label: `Field ${n}` })).ok);
	expect(answers.filter((ok) => ok)).toHaveLength(customFieldsAtMost - 1);
	expect(await add({ name: 'one_more', label: 'One more' })).toMatchObject({
		ok: false,
		message: 'Products have 50 fields of your own already.'
	});
	// So many are no trouble where a record is shown with all of them.
	const channelId = await aChannel(db, `Many ${++counter}`);
	const id = await aProduct(db, `MANY-${counter}`);
	await anExternal(db, channelId, `x-${counter}`);
	await aSuggestion(db, channelId, id, `x-${counter}`);
	const [row] = (await listSuggestions(db, { channelId })).rows;
	expect(Object.keys(row?.internal?.fields ?? {})).toEqual(expect.arrayContaining(['price', 'colour', 'f48']));
});

test('a field that is removed while another is added at once: one after the other', async () => {
	for (let n = 0; n < customFieldsAtMost; n++) await add({ name: `f${n}`, label: `Field ${n}` });
	const results = await Promise.all([
		add({ name: 'late', label: 'Late' }),
		add({ name: 'later', label: 'Later' }),
		removeCustomField(db, { entity: 'product', name: 'f0', ...administrator })
	]);
	expect(results.at(2)).toEqual({ ok: true });
	expect(await labels()).toHaveLength(results.filter(({ ok }) => ok).length + customFieldsAtMost - 2);
});
