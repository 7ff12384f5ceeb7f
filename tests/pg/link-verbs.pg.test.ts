import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { acceptSuggestion } from '#src/mappings/accept-suggestion.ts';
import { endExclusion } from '#src/mappings/end-exclusion.ts';
import { excludeRecord } from '#src/mappings/exclude-record.ts';
import { linkRecords } from '#src/mappings/link-records.ts';
import { rejectSuggestion } from '#src/mappings/reject-suggestion.ts';
import { repointLink } from '#src/mappings/repoint-link.ts';
import { undoUnlink } from '#src/mappings/undo-unlink.ts';
import { unlinkRecords } from '#src/mappings/unlink-records.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { openIntents } from '#src/store/intents.ts';
import { testDatabase } from './database.ts';
import { aChannel, anExternal, aProduct, as, aSuggestion, journal, linkRow, operator, settle } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

let channelId: string;
beforeAll(async () => {
	channelId = await aChannel(db);
});

let counter = 0;
/** A fresh product and a record of the channel with the same code. */
async function pair() {
	const code = `P-${++counter}`;
	return { internalId: await aProduct(db, code), externalId: await anExternal(db, channelId, `x${counter}`, code) };
}
const link = (of: { internalId: string; externalId: string; override?: boolean; isPrimary?: boolean }) =>
	linkRecords(db, { channelId, entity: 'product', variantId: '', ...of, ...operator });
async function linked() {
	const of = await pair();
	const result = await link(of);
	if (!result.ok) throw new Error(result.message);
	return { ...of, linkId: result.linkId };
}
const exclusions = async (internalId: string, externalId: string) =>
	(
		await db.execute<{ kind: string; side: string }>(sql`
			select kind, case when internal_id is null then 'external' when external_id is null then 'internal' else 'both' end as side
			from c_channel_exclusion where internal_id = ${internalId}::bigint or external_id = ${externalId} order by 1, 2`)
	).map(({ kind, side }) => `${kind} ${side}`);
const waitingFor = async (recordId: string) =>
	(await db.execute<{ side: string }>(sql`select side from sync_candidate where record_id = ${recordId} order by side`)).map(
		({ side }) => side
	);

test('a new link is pending and dirty, journaled and audited, and leaves suggestions and waiting lists', async () => {
	const of = await pair();
	const rival = await pair();
	await aSuggestion(db, channelId, of.internalId, of.externalId);
	await aSuggestion(db, channelId, of.internalId, rival.externalId, 70);
	await db.execute(sql`insert into sync_candidate (c_channel_id, entity, side, record_id) values (${channelId}::bigint, 'product', 'internal', ${of.internalId})`);
	const result = await link(of);
	expect(result).toEqual({ ok: true, linkId: expect.any(String) });
	const linkId = result.ok ? result.linkId : '';
	expect(await linkRow(db, linkId)).toMatchObject({ status: 'pending', dirty: true, base_internal: null, is_primary: true });
	expect(await journal(db, sql`link_id = ${linkId}::bigint`)).toEqual(['link']);
	const [audit] = await db.execute(sql`select actor, via, action, object from audit_event order by id desc limit 1`);
	expect(audit).toEqual({ actor: 'operator@example.org', via: 'web', action: 'link', object: `product-link/${linkId}` });
	expect(await db.execute(sql`select 1 from c_channel_suggestion where internal_id = ${of.internalId}::bigint`)).toHaveLength(0);
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
		expect(lost).toMatchObject({ kind: 'held', field: shared, holder: { linkId: won?.ok ? won.linkId : '', [shared]: one[shared] } });
	}
});

test('refuses what does not exist, what is malformed and what the role does not allow, and writes nothing', async () => {
	const of = await pair();
	const kinds = async (change: object) => {
		const result = await linkRecords(db, { channelId, entity: 'product', variantId: '', ...of, ...operator, ...change });
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
	expect(await db.execute(sql`select 1 from c_channel_map_product where m_product_id = ${of.internalId}::bigint`)).toHaveLength(0);
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
	expect(await db.execute(sql`select state from sync_conflict where link_id = ${linkId}::bigint`)).toEqual([{ state: 'gone' }]);
	expect(await unlinkRecords(db, { entity: 'product', linkId, ...operator })).toMatchObject({ kind: 'unknown-link' });

	const back = await undoUnlink(db, { historyId: gone.historyId, ...operator });
	expect(back).toMatchObject({ ok: true, linkId, internalId });
	const after = await linkRow(db, linkId);
	expect(after).toMatchObject({ status: 'pending', dirty: true, base_internal: { price: '9.990000' }, external_version: 'v1' });
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
	const stale = await db.execute(sql`update c_channel_map_product set status = 'in-sync' where id = ${linkId}::bigint and state_rev = ${Number(seen?.['rev'])} returning id`);
	expect(stale).toHaveLength(0);
});

test('undo is refused while one of the two is linked elsewhere, and twice at once it happens once', async () => {
	const first = await linked();
	const gone = await unlinkRecords(db, { entity: 'product', linkId: first.linkId, ...operator });
	const historyId = gone.ok ? gone.historyId : '';
	const other = await pair();
	const second = await link({ internalId: first.internalId, externalId: other.externalId, override: true });
	expect(await undoUnlink(db, { historyId, ...operator })).toMatchObject({ kind: 'held', holder: { externalId: other.externalId } });
	await unlinkRecords(db, { entity: 'product', linkId: second.ok ? second.linkId : '', ...operator });
	const both = await Promise.all([1, 2].map(() => undoUnlink(db, { historyId, ...operator })));
	expect(both.map((result) => (result.ok ? 'ok' : result.kind)).toSorted()).toEqual(['nothing-to-undo', 'ok']);
});

test('undo leaves marks that a person made for another reason', async () => {
	const of = await pair();
	await excludeRecord(db, { channelId, entity: 'product', internalId: of.internalId, reason: 'discontinued', ...operator });
	const result = await link({ ...of, override: true });
	expect(await exclusions(of.internalId, of.externalId)).toEqual([]);
	const gone = await unlinkRecords(db, { entity: 'product', linkId: result.ok ? result.linkId : '', ...operator });
	await db.execute(sql`update c_channel_exclusion set reason = 'discontinued', created_at = now() where kind = 'record' and internal_id = ${of.internalId}::bigint`);
	await undoUnlink(db, { historyId: gone.ok ? gone.historyId : '', ...operator });
	expect(await exclusions(of.internalId, of.externalId)).toEqual(['record internal']);
});

test('linking what was set aside says why, and does it when the person insists', async () => {
	const of = await pair();
	await excludeRecord(db, { channelId, entity: 'product', externalId: of.externalId, variantId: '', reason: 'test article', ...operator });
	const refused = await link(of);
	expect(refused).toMatchObject({ kind: 'excluded' });
	expect(refused.ok ? '' : refused.message).toContain('test article');
	expect(await link({ ...of, override: true })).toMatchObject({ ok: true });
	expect(await exclusions(of.internalId, of.externalId)).toEqual([]);
});

test('re-pointing keeps the id, starts anew, and ends the old pair for good', async () => {
	const { linkId, internalId, externalId } = await linked();
	await settle(db, linkId);
	const target = await pair();
	const before = await linkRow(db, linkId);
	const repoint = (to: string, override = false) =>
		repointLink(db, { entity: 'product', linkId, externalId: to, variantId: '', override, ...operator });
	expect(await repoint(externalId)).toMatchObject({ kind: 'invalid' });
	expect(await repoint('never seen')).toMatchObject({ kind: 'unknown-external' });
	const holder = await linked();
	expect(await repoint(holder.externalId)).toMatchObject({ kind: 'held', holder: { linkId: holder.linkId } });
	expect(await repoint(target.externalId)).toEqual({ ok: true, linkId });
	const after = await linkRow(db, linkId);
	expect(after).toMatchObject({ external_product_id: target.externalId, base_internal: null, external_version: null, status: 'pending', dirty: true });
	expect(after?.['rev']).toBe(Number(before?.['rev']) + 1);
	expect(await exclusions(internalId, externalId)).toEqual(['pair both', 'record external']);
	const [archived] = await db.execute<{ id: string }>(sql`select id::text as id from link_history where link_id = ${linkId}::bigint`);
	expect(await undoUnlink(db, { historyId: archived?.id ?? '', ...operator })).toMatchObject({ kind: 'nothing-to-undo' });
	expect(await repoint(externalId)).toMatchObject({ kind: 'excluded' });
	expect(await repoint(externalId, true)).toMatchObject({ ok: true });
});

test('two links re-pointed to one record at once: one gets it', async () => {
	const [one, other, target] = [await linked(), await linked(), await pair()];
	const to = { entity: 'product', externalId: target.externalId, variantId: '', ...operator };
	const results = await Promise.all([one, other].map(({ linkId }) => repointLink(db, { ...to, linkId })));
	expect(results.map((result) => (result.ok ? 'ok' : result.kind)).toSorted()).toEqual(['held', 'ok']);
});

test('a suggestion is accepted once; a rejected pair never comes back and both are considered anew', async () => {
	const accepted = await pair();
	const suggestionId = await aSuggestion(db, channelId, accepted.internalId, accepted.externalId);
	const results = await Promise.all([1, 2].map(() => acceptSuggestion(db, { suggestionId, ...operator })));
	expect(results.filter((result) => result.ok)).toHaveLength(1);
	expect(results.find((result) => !result.ok)).toMatchObject({ kind: expect.stringMatching(/^(stale|held)$/) });

	const rejected = await pair();
	const other = await aSuggestion(db, channelId, rejected.internalId, rejected.externalId);
	expect(await rejectSuggestion(db, { suggestionId: other, ...operator })).toEqual({ ok: true });
	expect(await exclusions(rejected.internalId, rejected.externalId)).toEqual(['pair both']);
	expect([await waitingFor(rejected.internalId), await waitingFor(rejected.externalId)]).toEqual([['internal'], ['external']]);
	expect(await rejectSuggestion(db, { suggestionId: other, ...operator })).toMatchObject({ kind: 'stale' });
});

test('an excluded record leaves its suggestions; ending the exclusion puts it back to be considered', async () => {
	const of = await pair();
	await aSuggestion(db, channelId, of.internalId, of.externalId);
	const exclude = () => excludeRecord(db, { channelId, entity: 'product', internalId: of.internalId, reason: 'only ours', ...operator });
	const result = await exclude();
	expect(await exclude()).toEqual(result);
	expect(await db.execute(sql`select 1 from c_channel_suggestion where internal_id = ${of.internalId}::bigint`)).toHaveLength(0);
	expect(await waitingFor(of.externalId)).toEqual(['external']);
	const exclusionId = result.ok ? result.exclusionId : '';
	expect(await endExclusion(db, { exclusionId, ...operator })).toMatchObject({ ok: true });
	expect(await waitingFor(of.internalId)).toEqual(['internal']);
	expect(await endExclusion(db, { exclusionId, ...operator })).toMatchObject({ kind: 'nothing-to-undo' });
	const { internalId } = await linked();
	expect(await excludeRecord(db, { channelId, entity: 'product', internalId, reason: 'x', ...operator })).toMatchObject({ kind: 'held' });
});

test('a link made while our record is being deleted waits, and is refused', async () => {
	const of = await pair();
	let answered = false;
	const asked = await db.transaction(async (tx) => {
		await tx.execute(sql`delete from m_product where id = ${of.internalId}::bigint`);
		const result = link(of).finally(() => (answered = true));
		const waiting = () => db.execute(sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
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
