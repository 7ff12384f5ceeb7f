import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { acceptSuggestion } from '#src/mappings/accept-suggestion.ts';
import { endExclusion } from '#src/mappings/end-exclusion.ts';
import { excludeRecord } from '#src/mappings/exclude-record.ts';
import { rejectSuggestion } from '#src/mappings/reject-suggestion.ts';
import { repointLink } from '#src/mappings/repoint-link.ts';
import { undoUnlink } from '#src/mappings/undo-unlink.ts';
import { unlinkRecords } from '#src/mappings/unlink-records.ts';
import { testDatabase } from './database.ts';
import { aChannel, aSuggestion, linking, linkRow, operator, settle } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

let channelId: string;
beforeAll(async () => {
	channelId = await aChannel(db);
});

const { pair, link, linked, exclusions, waitingFor } = linking(db, () => channelId);

test('undo leaves marks that a person made for another reason', async () => {
	const of = await pair();
	await excludeRecord(db, {
		channelId,
		entity: 'product',
		internalId: of.internalId,
		reason: 'discontinued',
		...operator
	});
	const result = await link({ ...of, override: true });
	expect(await exclusions(of.internalId, of.externalId)).toEqual([]);
	const gone = await unlinkRecords(db, { entity: 'product', linkId: result.ok ? result.linkId : '', ...operator });
	await db.execute(
		sql`update c_channel_exclusion set reason = 'discontinued', created_at = now() where kind = 'record' and internal_id = ${of.internalId}::bigint`
	);
	await undoUnlink(db, { historyId: gone.ok ? gone.historyId : '', ...operator });
	expect(await exclusions(of.internalId, of.externalId)).toEqual(['record internal']);
});

test('linking what was set aside says why, and does it when the person insists', async () => {
	const of = await pair();
	await excludeRecord(db, {
		channelId,
		entity: 'product',
		externalId: of.externalId,
		variantId: '',
		reason: 'test article',
		...operator
	});
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
	expect(after).toMatchObject({
		external_product_id: target.externalId,
		base_internal: null,
		external_version: null,
		status: 'pending',
		dirty: true
	});
	expect(after?.['rev']).toBe(Number(before?.['rev']) + 1);
	expect(await exclusions(internalId, externalId)).toEqual(['pair both', 'record external']);
	const [archived] = await db.execute<{ id: string }>(
		sql`select id::text as id from link_history where link_id = ${linkId}::bigint`
	);
	expect(await undoUnlink(db, { historyId: archived?.id ?? '', ...operator })).toMatchObject({
		kind: 'nothing-to-undo'
	});
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
	expect([await waitingFor(rejected.internalId), await waitingFor(rejected.externalId)]).toEqual([
		['internal'],
		['external']
	]);
	expect(await rejectSuggestion(db, { suggestionId: other, ...operator })).toMatchObject({ kind: 'stale' });
});

test('an excluded record leaves its suggestions; ending the exclusion puts it back to be considered', async () => {
	const of = await pair();
	await aSuggestion(db, channelId, of.internalId, of.externalId);
	const exclude = () =>
		excludeRecord(db, { channelId, entity: 'product', internalId: of.internalId, reason: 'only ours', ...operator });
	const result = await exclude();
	expect(await exclude()).toEqual(result);
	expect(
		await db.execute(sql`select 1 from c_channel_suggestion where internal_id = ${of.internalId}::bigint`)
	).toHaveLength(0);
	expect(await waitingFor(of.externalId)).toEqual(['external']);
	const exclusionId = result.ok ? result.exclusionId : '';
	expect(await endExclusion(db, { exclusionId, ...operator })).toMatchObject({ ok: true });
	expect(await waitingFor(of.internalId)).toEqual(['internal']);
	expect(await endExclusion(db, { exclusionId, ...operator })).toMatchObject({ kind: 'nothing-to-undo' });
	const { internalId } = await linked();
	expect(await excludeRecord(db, { channelId, entity: 'product', internalId, reason: 'x', ...operator })).toMatchObject(
		{ kind: 'held' }
	);
});
