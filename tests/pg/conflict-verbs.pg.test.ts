import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { product } from '#src/entities/product/index.ts';
import { createRecord } from '#src/mappings/create-record.ts';
import { linkRecords } from '#src/mappings/link-records.ts';
import { requestSync } from '#src/mappings/request-sync.ts';
import { resolveConflicts } from '#src/mappings/resolve-conflicts.ts';
import { retryQuarantined } from '#src/mappings/retry-quarantined.ts';
import { saveRecord } from '#src/mappings/save-record.ts';
import { giveBack } from '#src/mappings/give-back.ts';
import { takeOtherValue } from '#src/mappings/take-other-value.ts';
import { decide } from '#src/sync/decide.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import { defaultPolicy } from '#src/sync/policy.ts';
import { testDatabase } from './database.ts';
import { aChannel, anExternal, aProduct, as, journal, linkRow, operator, settle } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

let channelId: string;
beforeAll(async () => {
	channelId = await aChannel(db);
});

const base = { value: 'base', name: 'base', price: '1' };
const theirs = { value: 'base', name: 'Their name', price: '20' };
let counter = 0;

/** A link whose name and price were changed on both sides, as a run leaves it. */
async function contested(state: 'open' | 'settled' = 'open', winner: 'internal' | 'external' | null = null) {
	const code = `C-${++counter}`;
	const internalId = await aProduct(db, code, 'Our name');
	const externalId = await anExternal(db, channelId, code);
	const link = await linkRecords(db, {
		channelId,
		entity: 'product',
		internalId,
		externalId,
		variantId: '',
		...operator
	});
	const linkId = link.ok ? link.linkId : '';
	await settle(db, linkId, base);
	await db.execute(
		sql`update c_channel_map_product set status = 'conflict', unconfirmed = '{name}' where id = ${linkId}::bigint`
	);
	const [name] = await Promise.all(
		Object.entries({ name: ['Our name', 'Their name'], price: ['12.500000', '20'] }).map(
			async ([field, [ours, other]]) => {
				const [row] = await db.execute<{ id: string }>(sql`
				insert into sync_conflict (c_channel_id, entity, link_id, internal_id, external_id, field, base, internal, external, internal_rev, external_version, state, rule, winner, decided_at)
				values (${channelId}::bigint, 'product', ${linkId}::bigint, ${internalId}::bigint, ${externalId}, ${field}, '"base"', to_jsonb(${ours}::text), to_jsonb(${other}::text),
					'1', 'v1', ${state}, 'ask: policy', ${winner}, now()) returning id::text as id`);
				return row?.id ?? '';
			}
		)
	);
	return { linkId, internalId, externalId, conflictId: name ?? '' };
}

const resolve = (linkId: string, choices: Record<string, 'internal' | 'external'>, seen: object = {}) =>
	resolveConflicts(db, {
		entity: 'product',
		linkId,
		choices,
		internalRev: '1',
		externalVersion: 'v1',
		...operator,
		...seen
	});

/** What the engine would do now with what stands in the link's row. */
async function decidedNow(linkId: string, internalId: string) {
	const row = await linkRow(db, linkId);
	const [record] = await product.store.read(db, [internalId]);
	const external = { ...theirs, value: record?.fields['value'] ?? null };
	return decide({
		fields: ['name', 'price'].map((name) => ({
			name,
			type: name === 'price' ? 'decimal' : 'text',
			normal: (value: Value) => value
		})),
		base: {
			internal: row?.['base_internal'] as Fields,
			external: row?.['base_external'] as Fields,
			unconfirmed: row?.['unconfirmed'] as string[],
			externalStamp: null,
			stampPassed: false
		},
		internal: { fields: record?.fields ?? {}, changed: {} },
		external: { fields: external, stamp: null },
		pendingWrite: null,
		stamps: { resolutionMs: 1, longestTransactionMs: 0, covers: 'all', clock: null },
		policy: defaultPolicy
	} as Parameters<typeof decide>[0]);
}

test('the chosen side of each field flows to the other, and nothing else moves', async () => {
	const { linkId, internalId } = await contested();
	expect(await resolve(linkId, { name: 'internal', price: 'external' })).toEqual({
		ok: true,
		linkId,
		resolved: 2,
		open: 0
	});
	expect(await linkRow(db, linkId)).toMatchObject({ status: 'pending', dirty: true, unconfirmed: [] });
	const action = await decidedNow(linkId, internalId);
	expect([action.push, action.pull, action.asked]).toEqual([{ name: 'Our name' }, { price: '20' }, []]);
	const rows = await db.execute(
		sql`select field, state, winner, decided_by from sync_conflict where link_id = ${linkId}::bigint order by field`
	);
	expect(rows).toEqual([
		{ field: 'name', state: 'resolved', winner: 'internal', decided_by: 'operator@example.org' },
		{ field: 'price', state: 'resolved', winner: 'external', decided_by: 'operator@example.org' }
	]);
	const [entry] = await db.execute<{ changes: unknown }>(
		sql`select changes from sync_decision where link_id = ${linkId}::bigint and action = 'resolve'`
	);
	expect(entry?.changes).toEqual(
		expect.arrayContaining([
			{ field: 'name', side: 'external', before: 'Their name', after: 'Our name', rule: 'person', lost: 'Their name' },
			{ field: 'price', side: 'internal', before: '12.500000', after: '20', rule: 'person', lost: '12.500000' }
		])
	);
});

test('a field left out stays open and keeps the link in conflict', async () => {
	const { linkId } = await contested();
	const before = await linkRow(db, linkId);
	expect(await resolve(linkId, { price: 'internal' })).toMatchObject({ ok: true, resolved: 1, open: 1 });
	const after = await linkRow(db, linkId);
	expect(after).toMatchObject({ status: 'conflict', base_internal: { name: 'base', price: '20' } });
	expect(after?.['rev']).toBe(Number(before?.['rev']) + 1);
});

test('a resolve of what is not there any more is refused and changes nothing', async () => {
	const { linkId, internalId } = await contested();
	const before = await linkRow(db, linkId);
	expect(await resolve(linkId, { name: 'internal' }, { internalRev: '2' })).toMatchObject({ kind: 'stale' });
	expect(await resolve(linkId, { name: 'internal' }, { externalVersion: '' })).toMatchObject({ kind: 'stale' });
	expect(await resolve(linkId, { weight: 'internal' })).toMatchObject({ kind: 'stale' });
	expect(await resolve(linkId, {})).toMatchObject({ kind: 'invalid' });
	expect(await resolve('999999', { name: 'internal' })).toMatchObject({ kind: 'unknown-link' });
	expect(await resolve(linkId, { name: 'internal' }, as('viewer'))).toMatchObject({ kind: 'not-allowed' });
	expect(await linkRow(db, linkId)).toEqual(before);
	await db.execute(sql`update m_product set weight = 3 where id = ${internalId}::bigint`);
	expect(await resolve(linkId, { name: 'internal' })).toMatchObject({ kind: 'stale' });
});

test('two people resolve at once: one choice counts, the other hears of it', async () => {
	const { linkId } = await contested();
	const results = await Promise.all([resolve(linkId, { name: 'internal' }), resolve(linkId, { name: 'external' })]);
	expect(results.map((result) => (result.ok ? 'ok' : result.kind)).toSorted()).toEqual(['ok', 'stale']);
});

test('"use the other value" gives it to our record once, and only while the winner still stands there', async () => {
	const { conflictId, internalId, linkId } = await contested('settled', 'internal');
	const take = () => takeOtherValue(db, { conflictId, ...operator });
	await db.execute(sql`update m_product set name = 'Edited since' where id = ${internalId}::bigint`);
	expect(await take()).toMatchObject({ kind: 'stale' });
	await db.execute(sql`update m_product set name = 'Our name' where id = ${internalId}::bigint`);
	const results = await Promise.all([take(), take()]);
	expect(results.map((result) => (result.ok ? 'ok' : result.kind)).toSorted()).toEqual(['nothing-to-undo', 'ok']);
	const [record] = await product.store.read(db, [internalId]);
	expect(record?.fields['name']).toBe('Their name');
	expect(await journal(db, sql`link_id = ${linkId}::bigint`)).toEqual(['link', 'take-other']);
	const [hint] = await db.execute(
		sql`select 1 from sync_outbox where record_id = ${internalId}::bigint and rev::text = ${record?.rev}`
	);
	expect(hint).toBeDefined();
	const open = await contested();
	expect(await takeOtherValue(db, { conflictId: open.conflictId, ...operator })).toMatchObject({
		kind: 'nothing-to-undo'
	});
});

test('"give it back" undoes one write once, only while it still stands, and only for who may resolve', async () => {
	const { internalId, linkId } = await contested('settled', 'internal');
	const written = [{ field: 'name', side: 'internal', before: 'Before', after: 'Our name', rule: 'changed-external' }];
	const [row] = await db.execute<{ id: string }>(sql`
		insert into sync_decision (c_channel_id, entity, link_id, internal_id, external_id, actor, action, changes)
		select c_channel_id, 'product', id, m_product_id, external_product_id, 'engine', 'pull', ${JSON.stringify(written)}::text::jsonb
		from c_channel_map_product where id = ${linkId}::bigint returning id::text as id`);
	const give = (who = operator, side: 'internal' | 'external' = 'internal') =>
		giveBack(db, { decisionId: row?.id ?? '', field: 'name', side, ...who });
	expect(await give(as('viewer'))).toMatchObject({ kind: 'not-allowed' });
	expect(await give(operator, 'external')).toMatchObject({ kind: 'nothing-to-undo' });
	await db.execute(sql`update m_product set name = 'Edited since' where id = ${internalId}::bigint`);
	expect(await give()).toMatchObject({ kind: 'stale' });
	await db.execute(sql`update m_product set name = 'Our name' where id = ${internalId}::bigint`);
	const results = await Promise.all([give(), give()]);
	expect(results.map((result) => (result.ok ? 'ok' : result.kind)).toSorted()).toEqual(['ok', 'stale']);
	const [record] = await product.store.read(db, [internalId]);
	expect(record?.fields['name']).toBe('Before');
	expect(await journal(db, sql`link_id = ${linkId}::bigint`)).toEqual(['link', 'pull', 'give-back']);
});

test('an edit is saved with its revision, journaled by field, and refused when somebody was faster', async () => {
	const id = await aProduct(db, 'E-1', 'Before');
	const save = (rev: string, fields: Fields) => saveRecord(db, { entity: 'product', id, rev, fields, ...operator });
	expect(await save('1', { name: ' After ', price: '12.50' })).toEqual({ ok: true, id, rev: '2' });
	expect(await save('1', { name: 'Too late' })).toMatchObject({ kind: 'stale' });
	expect(await save('2', { name: 'After' })).toEqual({ ok: true, id, rev: '2' });
	const entries = await db.execute<{ changes: unknown }>(
		sql`select changes from sync_decision where internal_id = ${id}::bigint and entity = 'product' and action = 'edit'`
	);
	expect(entries).toEqual([
		{ changes: [{ field: 'name', side: 'internal', before: 'Before', after: 'After', rule: 'person' }] }
	]);
	await aProduct(db, 'E-2');
	expect(await save('2', { value: 'E-2' })).toMatchObject({ kind: 'invalid', field: 'value' });
	const both = await Promise.all(['one', 'two'].map((name) => save('2', { name })));
	expect(both.map((result) => (result.ok ? 'ok' : result.kind)).toSorted()).toEqual(['ok', 'stale']);
});

test('malformed fields are refused by name; decimals keep every digit', async () => {
	const create = (fields: Fields) => createRecord(db, { entity: 'product', fields, ...operator });
	const field = async (fields: Fields) => {
		const result = await create({ value: 'N-1', name: 'New', ...fields });
		return result.ok ? 'ok' : `${result.kind} ${result.field}`;
	};
	expect(await field({ name: '  ' })).toBe('invalid name');
	expect(await field({ price: '1e3' })).toBe('invalid price');
	expect(await field({ price: '1.1234567' })).toBe('invalid price');
	expect(await field({ price: '12345678901234' })).toBe('invalid price');
	expect(await field({ value: 'x'.repeat(81) })).toBe('invalid value');
	expect(await field({ is_active: 'yes' })).toBe('invalid is_active');
	expect(await field({ rev: '7' })).toBe('invalid rev');
	expect(await field({ description: 'a\0b' })).toBe('invalid fields.description');
	expect((await create({ value: 'N-0' })).ok).toBe(false);
	const made = await create({ value: 'N-1', name: 'New', price: '1234567890123.123456', gtin: '' });
	const [record] = await product.store.read(db, [made.ok ? made.id : '']);
	expect(record?.fields).toMatchObject({ price: '1234567890123.123456', gtin: null, is_active: true });
	expect(await create({ value: 'N-1', name: 'Again' })).toMatchObject({ kind: 'invalid', field: 'value' });
});

test('sync now marks a link whatever it waited for; retry gives one that was set aside its tries back', async () => {
	const { linkId } = await contested();
	await db.execute(sql`
		update c_channel_map_product set status = 'quarantined', tries = 5, clean_seq = dirty_seq, retry_at = now() + interval '1 day',
			problem = '{"kind":"rejected","message":"no","hint":"-"}' where id = ${linkId}::bigint`);
	const at = { entity: 'product', linkIds: [linkId], ...operator };
	expect(await requestSync(db, at)).toEqual({ ok: true, links: [{ id: linkId, channelId }] });
	expect(await linkRow(db, linkId)).toMatchObject({ status: 'quarantined', dirty: true, retry_at: null });
	expect(await retryQuarantined(db, { entity: 'product', channelId, kind: 'rejected', ...operator })).toMatchObject({
		links: [{ id: linkId }]
	});
	expect(await linkRow(db, linkId)).toMatchObject({ status: 'pending', tries: 0, problem: null });
	expect(await retryQuarantined(db, at)).toEqual({ ok: true, links: [] });
	expect(await requestSync(db, { ...at, linkIds: ['999999'] })).toMatchObject({ kind: 'unknown-link' });
});
