import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { product } from '#src/entities/product/index.ts';
import { excludeRecord } from '#src/mappings/exclude-record.ts';
import { pastedLinkCounts } from '#src/mappings/link-counts.ts';
import { linkRecords } from '#src/mappings/link-records.ts';
import { listLinks } from '#src/mappings/list-links.ts';
import { listUnlinkedExternal } from '#src/mappings/list-unlinked-external.ts';
import { listUnlinkedInternal } from '#src/mappings/list-unlinked-internal.ts';
import { pastedEntries, pasteList } from '#src/mappings/paste-list.ts';
import { previewBulkJob } from '#src/mappings/preview-bulk-job.ts';
import { pastedNotFound, readPastedList, type PastedPlace } from '#src/mappings/read-pasted-list.ts';
import { startBulkJob } from '#src/mappings/start-bulk-job.ts';
import { unlinkedCounts } from '#src/mappings/unlinked-counts.ts';
import { forgetOldRuns } from '#src/store/housekeeping.ts';
import { testDatabase } from './database.ts';
import { aChannel, anExternal, aProduct, as, operator } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

// ERP: JACKET-1 to JACKET-3 linked with 901 to 903; FREE-1 and AWAY-1 (excluded) free here, "only there" free there.
let erp: string;
let shop: string;
let freeId: string;
const entity = 'product';
const at = () => ({ channelId: erp, entity });
const uptoId = '999999';

beforeAll(async () => {
	await db.execute(sql`
		insert into auth_user (id, name, email, role) values ('operator', 'operator', ${operator.actor.name}, 'operator')`);
	erp = await aChannel(db, 'ERP');
	shop = await aChannel(db, 'Shop');
	for (const number of [1, 2, 3]) {
		const internalId = await aProduct(db, `JACKET-${number}`, number === 3 ? 'Trail hose' : 'Trail jacket');
		const externalId = await anExternal(db, erp, `90${number}`, `THEIRS-${number}`);
		await linkRecords(db, { ...at(), internalId, externalId, variantId: '', ...operator });
	}
	freeId = await aProduct(db, 'FREE-1');
	const away = await aProduct(db, 'AWAY-1');
	await excludeRecord(db, { ...at(), internalId: away, reason: 'not sold', ...operator });
	await anExternal(db, erp, '777', 'only there');
	await anExternal(db, shop, '778', 'only at the shop');
});

async function pasted(entries: readonly string[]): Promise<string> {
	const kept = await pasteList(db, { ...at(), entries, ...as('viewer') });
	if (!kept.ok) throw new Error(kept.message);
	return kept.listId;
}
const summary = (listId: string, place: PastedPlace) => readPastedList(db, { ...at(), entity: product, listId, place });
const codesOf = async (input: { listId: string; q?: string; status?: string; cursor?: string | null }) =>
	(await listLinks(db, { ...at(), ...input })).rows.map(({ value }) => value);

test('lines, cells and semicolons divide what was pasted; what is there twice counts once', () => {
	expect(pastedEntries(' A-1 \r\nA-2\tA-3;A-1\n\n')).toEqual(['A-1', 'A-2', 'A-3']);
});

test('codes however they are spelled, their codes, their ids and our ids find the records; the rest is named', async () => {
	const listId = await pasted(['jacket 1', 'THEIRS-2', '903', freeId, 'AWAY-1', 'only there', 'nowhere', '778']);
	expect(await codesOf({ listId })).toEqual(['JACKET-1', 'JACKET-2', 'JACKET-3']);
	expect(await summary(listId, 'linked')).toMatchObject({
		owner: 'viewer@example.org',
		entries: 8,
		here: 3,
		elsewhere: 3,
		notFound: 2,
		missing: ['nowhere', '778']
	});
	expect(await pastedNotFound(db, { listId, channelId: erp })).toEqual(['nowhere', '778']);
	expect(await pastedNotFound(db, { listId, channelId: '999' }), 'of another channel').toBeNull();
	const ours = await listUnlinkedInternal(db, { ...at(), listId });
	expect(ours.rows.map(({ value }) => value)).toEqual(['FREE-1']);
	expect(await summary(listId, 'internal')).toMatchObject({ here: 1, elsewhere: 5, notFound: 2 });
	const away = await listUnlinkedInternal(db, { ...at(), listId, excluded: true });
	expect(away.rows.map(({ value }) => value)).toEqual(['AWAY-1']);
	const theirs = await listUnlinkedExternal(db, { ...at(), listId });
	expect(theirs.rows.map(({ externalId }) => externalId)).toEqual(['777']);
	expect(await unlinkedCounts(db, { ...at(), listId })).toMatchObject({
		internal: 1,
		internalExcluded: 1,
		external: 1,
		externalExcluded: 0
	});
});

test('an entry that is a code is not taken for an id', async () => {
	const internalId = await aProduct(db, '902', 'Has their id as its code');
	const listId = await pasted(['902']);
	expect(await codesOf({ listId })).toEqual([]);
	const ours = await listUnlinkedInternal(db, { ...at(), listId });
	expect(ours.rows.map(({ id }) => id)).toEqual([internalId]);
});

test('a pasted list is paged, searched, filtered and counted like the whole one', async () => {
	const listId = await pasted(['JACKET-3', 'JACKET-2', 'JACKET-1']);
	const first = await listLinks(db, { ...at(), listId, limit: 2 });
	expect(first.rows.map(({ value }) => value)).toEqual(['JACKET-1', 'JACKET-2']);
	expect(await codesOf({ listId, cursor: first.next })).toEqual(['JACKET-3']);
	expect(await codesOf({ listId, q: 'hose' })).toEqual(['JACKET-3']);
	expect(await codesOf({ listId, q: '902' })).toEqual(['JACKET-2']);
	expect(await codesOf({ listId, status: 'failed' })).toEqual([]);
	expect(await pastedLinkCounts(db, { ...at(), entity: product, listId })).toMatchObject({
		total: 3,
		byStatus: { pending: 3 }
	});
});

test('what is done to all that match is done to the pasted ones only', async () => {
	const listId = await pasted(['JACKET-1', 'JACKET-2', 'nowhere']);
	const selection = { status: null, q: '', listId, uptoId, exceptIds: [] };
	const preview = await previewBulkJob(db, { ...at(), entity: product, kind: 'unlink', selection });
	expect(preview.links).toBe(2);
	const started = await startBulkJob(db, { ...at(), kind: 'unlink', selection, expected: 2, ...operator });
	expect(started).toMatchObject({ ok: true, over: true, state: 'succeeded' });
	const left = await listLinks(db, at());
	expect(left.rows.map(({ value }) => value)).toEqual(['JACKET-3']);
	expect(await summary(listId, 'linked')).toMatchObject({ here: 0, elsewhere: 2, notFound: 1 });
});

test('a list of another channel or kind of record is none here, and too many codes are refused', async () => {
	const listId = await pasted(['JACKET-3']);
	const other = { listId, entity: product, place: 'linked' } as const;
	expect(await readPastedList(db, { ...other, channelId: shop })).toBeNull();
	const entries = Array.from({ length: 5001 }, (_, place) => `c${place}`);
	expect(await pasteList(db, { ...at(), entries, ...operator })).toMatchObject({ ok: false, kind: 'invalid' });
	expect(await pasteList(db, { ...at(), entries: [], ...operator })).toMatchObject({ ok: false, kind: 'invalid' });
});

test('lists older than 30 days are forgotten', async () => {
	const [old, recent] = [await pasted(['JACKET-3']), await pasted(['JACKET-3'])];
	await db.execute(sql`update sync_pasted_list set created_at = now() - interval '31 days' where id = ${old}::bigint`);
	await forgetOldRuns(db, {});
	expect(await summary(old, 'linked')).toBeNull();
	expect(await summary(recent, 'linked')).toMatchObject({ here: 1 });
});
