import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linkRecords } from '#src/mappings/link-records.ts';
import { makePrimary } from '#src/mappings/make-primary.ts';
import { undoUnlink } from '#src/mappings/undo-unlink.ts';
import { unlinkRecords } from '#src/mappings/unlink-records.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { openIntents } from '#src/store/intents.ts';
import { testDatabase } from './database.ts';
import { aChannel, as, linking, aSuggestion, journal, linkRow, operator, settle } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

let channelId: string;
beforeAll(async () => {
	channelId = await aChannel(db);
});

const { pair, link, linked, exclusions, waitingFor } = linking(db, () => channelId);

test('a new link is pending and dirty, journaled and audited, and leaves suggestions and waiting lists', async () => {
	const of = await pair();
	const rival = await pair();
	await aSuggestion(db, channelId, of.internalId, of.externalId);
	await aSuggestion(db, channelId, of.internalId, rival.externalId, 70);
	await db.execute(
		sql`insert into sync_candidate (c_channel_id, entity, side, record_id) values (${channelId}::bigint, 'product', 'internal', ${of.internalId})`
	);
	const result = await link(of);
	expect(result).toEqual({ ok: true, linkId: expect.any(String) });
	const linkId = result.ok ? result.linkId : '';
	expect(await linkRow(db, linkId)).toMatchObject({
		status: 'pending',
		dirty: true,
		base_internal: null,
		is_primary: true
	});
	expect(await journal(db, sql`link_id = ${linkId}::bigint`)).toEqual(['link']);
	const [audit] = await db.execute(sql`select actor, via, action, object from audit_event order by id desc limit 1`);
	expect(audit).toEqual({
		actor: 'operator@example.org',
		via: 'web',
		action: 'link',
		object: `product-link/${linkId}`
	});
	expect(
		await db.execute(sql`select 1 from c_channel_suggestion where internal_id = ${of.internalId}::bigint`)
	).toHaveLength(0);
	expect(await waitingFor(of.internalId)).toEqual([]);
	// The one whose suggestion went is looked at again.
	expect(await waitingFor(rival.externalId)).toEqual(['external']);
});

test('of two links made at once for one record, either side, exactly one wins and the other is told by whom it is held', async () => {
	for (const shared of ['internalId', 'externalId'] as const) {
		const one = await pair();
		const other = { ...(await pair()), [shared]: one[shared] };
		const results = await Promise.all([link(one), link(other)]);
		const won = results.find((result) => result.ok);
		const lost = results.find((result) => !result.ok);
		expect(won).toBeDefined();
		expect(lost).toMatchObject({
			kind: 'held',
			field: shared,
			holder: { linkId: won?.ok ? won.linkId : '', [shared]: one[shared] }
		});
	}
});

test('refuses what does not exist, what is malformed and what the role does not allow, and writes nothing', async () => {
	const of = await pair();
	const kinds = async (change: object) => {
		const result = await linkRecords(db, {
			channelId,
			entity: 'product',
			variantId: '',
			...of,
			...operator,
			...change
		});
		return result.ok ? 'ok' : result.kind;
	};
	expect(await kinds({ channelId: '999999' })).toBe('unknown-channel');
	expect(await kinds({ entity: 'planet' })).toBe('unknown-entity');
	expect(await kinds({ internalId: '999999' })).toBe('unknown-record');
	expect(await kinds({ externalId: 'never seen' })).toBe('unknown-external');
	expect(await kinds({ internalId: "1'; --" })).toBe('invalid');
	expect(await kinds({ externalId: '' })).toBe('invalid');
	expect(await kinds({ externalId: 'a\0b' })).toBe('invalid');
	expect(await kinds({ isPrimary: false })).toBe('not-allowed');
	expect(await kinds(as('viewer'))).toBe('not-allowed');
	await db.execute(sql`update c_channel_record set deleted_at = now() where external_id = ${of.externalId}`);
	expect(await kinds({})).toBe('unknown-external');
	expect(
		await db.execute(sql`select 1 from c_channel_map_product where m_product_id = ${of.internalId}::bigint`)
	).toHaveLength(0);
});

test('a record that is just being created at the channel cannot be linked, one whose create failed can', async () => {
	const of = await pair();
	await db.execute(sql`
		insert into sync_intent (c_channel_id, entity, internal_id, reference, fields, internal_rev)
		values (${channelId}::bigint, 'product', ${of.internalId}::bigint, 'ref', '{}', '1')`);
	expect(await link(of)).toMatchObject({ ok: false, kind: 'intent-open' });
	await db.execute(sql`update sync_intent set state = 'problem' where internal_id = ${of.internalId}::bigint`);
	expect(await link(of)).toMatchObject({ ok: true });
	expect(await db.execute(sql`select 1 from sync_intent where internal_id = ${of.internalId}::bigint`)).toHaveLength(0);
});

test('a link and a create of one record never both happen, whoever comes first', async () => {
	const product = entityNamed('product');
	if (!product) throw new Error('no product');
	const [run] = await db.execute<{ id: string }>(sql`
		insert into sync_run (c_channel_id, entity, mode, started_by, state) values (${channelId}::bigint, 'product', 'incremental', 'test', 'queued') returning id::text as id`);
	for (let round = 0; round < 10; round++) {
		const of = await pair();
		const record = { internalId: of.internalId, rev: '1', fields: {}, reference: `ref ${round}` };
		const [result, intents] = await Promise.all([
			link(of),
			openIntents(db, { channelId, entity: product, runId: run?.id ?? '', limit: 1000, records: [record] })
		]);
		expect([result.ok, intents.opened]).toEqual(result.ok ? [true, 0] : [false, 1]);
	}
});

test('unlink archives the row and keeps automation away; undo brings the very same link back', async () => {
	const { linkId, internalId, externalId } = await linked();
	await settle(db, linkId, { price: '9.990000' });
	await db.execute(sql`
		insert into sync_conflict (c_channel_id, entity, link_id, internal_id, external_id, field, internal_rev, state, rule)
		values (${channelId}::bigint, 'product', ${linkId}::bigint, ${internalId}::bigint, ${externalId}, 'price', '1', 'open', 'ask')`);
	const before = await linkRow(db, linkId);
	const gone = await unlinkRecords(db, { entity: 'product', linkId, reason: 'a mistake', ...operator });
	if (!gone.ok) throw new Error(gone.message);
	expect(await linkRow(db, linkId)).toBeUndefined();
	expect(await exclusions(internalId, externalId)).toEqual(['pair both', 'record external', 'record internal']);
	expect(await db.execute(sql`select state from sync_conflict where link_id = ${linkId}::bigint`)).toEqual([
		{ state: 'gone' }
	]);
	expect(await unlinkRecords(db, { entity: 'product', linkId, ...operator })).toMatchObject({ kind: 'unknown-link' });

	const back = await undoUnlink(db, { historyId: gone.historyId, ...operator });
	expect(back).toMatchObject({ ok: true, linkId, internalId });
	const after = await linkRow(db, linkId);
	expect(after).toMatchObject({
		status: 'pending',
		dirty: true,
		base_internal: { price: '9.990000' },
		external_version: 'v1'
	});
	expect(after?.['rev']).toBe(Number(before?.['rev']) + 1);
	expect(after?.['created_at']).toEqual(before?.['created_at']);
	expect(await exclusions(internalId, externalId)).toEqual([]);
	expect(await journal(db, sql`link_id = ${linkId}::bigint`)).toEqual(['link', 'unlink', 'undo-unlink']);
	expect(await undoUnlink(db, { historyId: gone.historyId, ...operator })).toMatchObject({ kind: 'nothing-to-undo' });
	expect(await undoUnlink(db, { historyId: '999999', ...operator })).toMatchObject({ kind: 'nothing-to-undo' });
});

test('a worker that read the link before it was ended can no longer write to it, nor after it came back', async () => {
	const { linkId } = await linked();
	const seen = await linkRow(db, linkId);
	const gone = await unlinkRecords(db, { entity: 'product', linkId, ...operator });
	await undoUnlink(db, { historyId: gone.ok ? gone.historyId : '', ...operator });
	const stale = await db.execute(
		sql`update c_channel_map_product set status = 'in-sync' where id = ${linkId}::bigint and state_rev = ${Number(seen?.['rev'])} returning id`
	);
	expect(stale).toHaveLength(0);
});

test('undo is refused while one of the two is linked elsewhere, and twice at once it happens once', async () => {
	const first = await linked();
	const gone = await unlinkRecords(db, { entity: 'product', linkId: first.linkId, ...operator });
	const historyId = gone.ok ? gone.historyId : '';
	const other = await pair();
	const second = await link({ internalId: first.internalId, externalId: other.externalId, override: true });
	expect(await undoUnlink(db, { historyId, ...operator })).toMatchObject({
		kind: 'held',
		holder: { externalId: other.externalId }
	});
	await unlinkRecords(db, { entity: 'product', linkId: second.ok ? second.linkId : '', ...operator });
	const both = await Promise.all([1, 2].map(() => undoUnlink(db, { historyId, ...operator })));
	expect(both.map((result) => (result.ok ? 'ok' : result.kind)).toSorted()).toEqual(['nothing-to-undo', 'ok']);
});

test('a further link of a record is not brought back where the channel allows one link by then', async () => {
	const { internalId } = await linked();
	const other = await pair();
	const allow = (allowed: boolean) =>
		db.execute(sql`update c_channel_entity set allow_secondary = ${allowed} where c_channel_id = ${channelId}::bigint`);
	await allow(true);
	const second = await link({ internalId, externalId: other.externalId, isPrimary: false });
	const gone = await unlinkRecords(db, { entity: 'product', linkId: second.ok ? second.linkId : '', ...operator });
	const historyId = gone.ok ? gone.historyId : '';
	await allow(false);
	expect(await undoUnlink(db, { historyId, ...operator })).toMatchObject({ kind: 'not-allowed' });
	await allow(true);
	expect(await undoUnlink(db, { historyId, ...operator })).toMatchObject({ ok: true });
	await allow(false);
});

test('a further link becomes the main one, and the other one only sends from then on', async () => {
	const { internalId, linkId: mainId } = await linked();
	const other = await pair();
	const allow = (allowed: boolean) =>
		db.execute(sql`update c_channel_entity set allow_secondary = ${allowed} where c_channel_id = ${channelId}::bigint`);
	await allow(true);
	const second = await link({ internalId, externalId: other.externalId, isPrimary: false });
	const linkId = second.ok ? second.linkId : '';
	await settle(db, mainId);
	const make = (of: string, who = operator) => makePrimary(db, { entity: 'product', linkId: of, ...who });
	expect(await make(linkId, as('viewer'))).toMatchObject({ kind: 'not-allowed' });
	expect(await make(mainId)).toMatchObject({ kind: 'stale' });
	expect(await make(linkId)).toMatchObject({ ok: true, externalId: other.externalId });
	expect(await linkRow(db, linkId)).toMatchObject({ is_primary: true, dirty: true });
	expect(await linkRow(db, mainId)).toMatchObject({
		is_primary: false,
		dirty: true,
		base_external: { price: '12.500000' }
	});
	expect(await journal(db, sql`link_id in (${mainId}::bigint, ${linkId}::bigint)`)).toEqual(
		expect.arrayContaining(['make-secondary', 'make-primary'])
	);
	await db.execute(sql`
		insert into sync_conflict (c_channel_id, entity, link_id, internal_id, external_id, field, internal_rev, state, rule)
		values (${channelId}::bigint, 'product', ${linkId}::bigint, ${internalId}::bigint, ${other.externalId}, 'price', '1', 'open', 'ask')`);
	expect(await make(mainId)).toMatchObject({
		kind: 'stale',
		hint: expect.stringContaining('Settle them first') as string
	});
	await db.execute(sql`delete from sync_conflict where link_id = ${linkId}::bigint`);
	await db.execute(sql`update c_channel_map_product set status = 'orphan' where id = ${mainId}::bigint`);
	expect(await make(mainId)).toMatchObject({ kind: 'stale' });
	await unlinkRecords(db, { entity: 'product', linkId: mainId, ...operator });
	await allow(false);
});

test('a link made while our record is being deleted waits, and is refused', async () => {
	const of = await pair();
	let answered = false;
	const asked = await db.transaction(async (tx) => {
		await tx.execute(sql`delete from m_product where id = ${of.internalId}::bigint`);
		const result = link(of).finally(() => (answered = true));
		const waiting = () =>
			db.execute(sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
		await expect.poll(async () => answered || (await waiting()).length > 0).toBe(true);
		return { result };
	});
	expect(await asked.result).toMatchObject({ kind: 'unknown-record' });
});

test('a record deleted after it was linked makes the link an orphan, whose page still says what it was', async () => {
	const { linkId, internalId } = await linked();
	await db.execute(sql`delete from m_product where id = ${internalId}::bigint`);
	expect(await linkRow(db, linkId)).toMatchObject({ status: 'orphan', problem: { kind: 'missing-internal' } });
	expect(await unlinkRecords(db, { entity: 'product', linkId, ...operator })).toMatchObject({ ok: true });
});
