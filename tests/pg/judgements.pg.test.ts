import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { acceptExact } from '#src/mappings/accept-exact.ts';
import { acceptSuggestion } from '#src/mappings/accept-suggestion.ts';
import { exactSuggestions } from '#src/mappings/exact-suggestions.ts';
import { rejectSuggestion } from '#src/mappings/reject-suggestion.ts';
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
	const other = await pair();
	await link(other);
	const at = { channelId, entity: 'product', ...other, variantId: '', ...operator };
	expect(await undoJudgement(db, at)).toMatchObject({ ok: false, kind: 'nothing-to-undo' });
	expect(await undoJudgement(db, { ...at, ...as('viewer') })).toMatchObject({ ok: false, kind: 'not-allowed' });
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
	const go = { ...at, uptoId: shown.uptoId, limit: 2, ...operator };
	const first = await acceptExact(db, { ...go, afterId: '0' });
	expect(first).toEqual({ ok: true, linked: 2, refused: 0, lastId: two.suggestionId });
	expect(await acceptExact(db, { ...go, afterId: two.suggestionId })).toEqual({
		ok: true,
		linked: 0,
		refused: 1,
		lastId: null
	});
	const left = [doubtful, weak, later].map(({ internalId }) => links(internalId));
	expect(await Promise.all(left)).toEqual([[], [], []]);
	expect(await links(one.internalId)).toHaveLength(1);
	expect(await acceptExact(db, { ...go, afterId: '0', ...as('viewer') })).toMatchObject({ kind: 'not-allowed' });
});
