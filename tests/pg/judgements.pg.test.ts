import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { acceptExact } from '#src/mappings/accept-exact.ts';
import { acceptSuggestion } from '#src/mappings/accept-suggestion.ts';
import { excludeRecord } from '#src/mappings/exclude-record.ts';
import { exactSuggestions } from '#src/mappings/exact-suggestions.ts';
import { readBulkJob } from '#src/mappings/list-bulk-jobs.ts';
import { rejectSuggestion } from '#src/mappings/reject-suggestion.ts';
import { repointLink } from '#src/mappings/repoint-link.ts';
import { undoBulkJob } from '#src/mappings/start-bulk-job.ts';
import { undoJudgement } from '#src/mappings/undo-judgement.ts';
import { unlinkRecords } from '#src/mappings/unlink-records.ts';
import { testDatabase } from './database.ts';
import { aChannel, as, aSuggestion, journal, linking, operator } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

let channelId: string;
beforeAll(async () => {
	channelId = await aChannel(db);
	await db.execute(
		sql`insert into auth_user (id, name, email, role) values ('operator', 'operator', 'operator@example.org', 'operator')`
	);
});

const { pair, link, exclusions, waitingFor } = linking(db, () => channelId);
const suggested = async (score = 100) => {
	const of = await pair();
	const suggestionId = await aSuggestion(db, channelId, of.internalId, of.externalId, score);
	return { ...of, suggestionId, at: { channelId, entity: 'product', ...of, variantId: '', ...operator } };
};
const suggestionOf = (internalId: string) =>
	db.execute(sql`select score from c_channel_suggestion where internal_id = ${internalId}::bigint`);
const links = (internalId: string) =>
	db.execute(sql`select id from c_channel_map_product where m_product_id = ${internalId}::bigint`);

test('an accepted suggestion is taken back: no link, no mark, and it is suggested again', async () => {
	const of = await suggested(80);
	expect(await acceptSuggestion(db, { suggestionId: of.suggestionId, ...operator })).toMatchObject({ ok: true });
	expect(await undoJudgement(db, of.at)).toMatchObject({ ok: true, undone: 'accept' });
	expect([await links(of.internalId), await exclusions(of.internalId, of.externalId)]).toEqual([[], []]);
	expect(await suggestionOf(of.internalId)).toEqual([{ score: 80 }]);
	expect(await waitingFor(of.internalId)).toEqual(['internal']);
	expect(await journal(db, sql`internal_id = ${of.internalId}::bigint`)).toEqual(['link', 'undo-accept']);
	expect(await undoJudgement(db, of.at)).toMatchObject({ ok: false, kind: 'nothing-to-undo' });
});

test('a "no" is taken back: the mark goes, and it is suggested again', async () => {
	const of = await suggested(70);
	await rejectSuggestion(db, { suggestionId: of.suggestionId, ...operator });
	expect(await exclusions(of.internalId, of.externalId)).toEqual(['pair both']);
	expect(await undoJudgement(db, of.at)).toMatchObject({ ok: true, undone: 'reject' });
	expect(await exclusions(of.internalId, of.externalId)).toEqual([]);
	expect(await suggestionOf(of.internalId)).toEqual([{ score: 70 }]);
});

test('what happened since is not taken back by the way', async () => {
	const [unlinked, linkedElsewhere, byHand] = [await suggested(), await suggested(), await pair()];
	const accepted = await acceptSuggestion(db, { suggestionId: unlinked.suggestionId, ...operator });
	await unlinkRecords(db, { entity: 'product', linkId: accepted.ok ? accepted.linkId : '', ...operator });
	expect(await undoJudgement(db, unlinked.at)).toMatchObject({ ok: false, kind: 'nothing-to-undo' });
	await rejectSuggestion(db, { suggestionId: linkedElsewhere.suggestionId, ...operator });
	await link({ internalId: linkedElsewhere.internalId, externalId: byHand.externalId });
	expect(await undoJudgement(db, linkedElsewhere.at)).toMatchObject({ ok: false, kind: 'held' });
});

test('two that were linked by hand are free again, and what was overridden for it holds again', async () => {
	const of = await pair();
	const at = { channelId, entity: 'product', ...of, variantId: '', ...operator };
	await excludeRecord(db, { channelId, entity: 'product', internalId: of.internalId, reason: 'samples', ...operator });
	await link({ ...of, override: true });
	expect(await exclusions(of.internalId, of.externalId)).toEqual([]);
	expect(await undoJudgement(db, { ...at, ...as('viewer') })).toMatchObject({ ok: false, kind: 'not-allowed' });
	expect(await undoJudgement(db, at)).toMatchObject({ ok: true, undone: 'link', suggestionId: null });
	expect([await links(of.internalId), await exclusions(of.internalId, of.externalId)]).toEqual([
		[],
		['record internal']
	]);
	expect(await undoJudgement(db, at)).toMatchObject({ ok: false, kind: 'nothing-to-undo' });
});

test('exact and unique suggestions are accepted up to the one that was shown, the others stay', async () => {
	await db.execute(sql`delete from c_channel_suggestion`);
	const [one, doubtful, weak, two, blocked] = [
		await suggested(),
		await suggested(),
		await suggested(90),
		await suggested(),
		await suggested()
	];
	await db.execute(sql`update c_channel_suggestion set ambiguous = true where id = ${doubtful.suggestionId}::bigint`);
	await db.execute(sql`delete from m_product where id = ${blocked.internalId}::bigint`);
	const at = { channelId, entity: 'product' };
	const shown = await exactSuggestions(db, at);
	expect(shown).toEqual({ count: 3, uptoId: blocked.suggestionId });
	const later = await suggested();
	const go = { ...at, uptoId: shown.uptoId, limit: 2, jobId: null, ...operator };
	const first = await acceptExact(db, { ...go, afterId: '0' });
	const jobId = first.ok ? (first.jobId ?? '') : '';
	expect(first).toEqual({ ok: true, linked: 2, refused: 0, lastId: two.suggestionId, jobId });
	const second = await acceptExact(db, { ...go, afterId: two.suggestionId, jobId });
	expect(second).toEqual({ ok: true, linked: 0, refused: 1, lastId: null, jobId });
	const left = [doubtful, weak, later].map(({ internalId }) => links(internalId));
	expect(await Promise.all(left)).toEqual([[], [], []]);
	expect(await links(one.internalId)).toHaveLength(1);
	expect(await acceptExact(db, { ...go, afterId: '0', ...as('viewer') })).toMatchObject({ kind: 'not-allowed' });
});

test('what was accepted together is taken back together, but for what changed since', async () => {
	await db.execute(sql`delete from c_channel_suggestion`);
	const [one, two, three] = [await suggested(), await suggested(), await suggested()];
	const at = { channelId, entity: 'product' };
	let [afterId, jobId] = ['0' as string | null, null as string | null];
	while (afterId !== null) {
		const slice = await acceptExact(db, { ...at, afterId, uptoId: three.suggestionId, limit: 2, jobId, ...operator });
		if (!slice.ok) throw new Error(slice.message);
		({ lastId: afterId, jobId } = slice);
	}
	expect(await readBulkJob(db, { id: jobId ?? '' })).toMatchObject({ kind: 'accept', done: 3, undoable: true });
	const [gone] = await links(two.internalId);
	await unlinkRecords(db, { entity: 'product', linkId: String(gone?.['id']), ...operator });
	const [moved] = await links(three.internalId);
	const elsewhere = await pair();
	const to = { externalId: elsewhere.externalId, variantId: '' };
	await repointLink(db, { entity: 'product', linkId: String(moved?.['id']), ...to, ...operator });

	const undone = await undoBulkJob(db, { jobId: jobId ?? '', ...operator });
	expect(undone).toMatchObject({ ok: true, over: true });
	const undo = await readBulkJob(db, { id: undone.ok ? undone.jobId : '' });
	expect(undo).toMatchObject({
		kind: 'undo-accept',
		state: 'partial',
		done: 1,
		left: [{ cause: 'changed', links: 1 }]
	});
	expect([await links(one.internalId), await exclusions(one.internalId, one.externalId)]).toEqual([[], []]);
	expect(await suggestionOf(one.internalId)).toEqual([{ score: 100 }]);
	expect(await links(three.internalId)).toHaveLength(1);
	expect(await readBulkJob(db, { id: jobId ?? '' })).toMatchObject({ undoable: false });
	expect(await undoBulkJob(db, { jobId: jobId ?? '', ...as('viewer') })).toMatchObject({ kind: 'not-allowed' });
});
