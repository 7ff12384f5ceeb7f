import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { excludeRecord } from '#src/mappings/exclude-record.ts';
import type { Page, PageInput } from '#src/mappings/keyset.ts';
import { linkCounts } from '#src/mappings/link-counts.ts';
import { linkRecords } from '#src/mappings/link-records.ts';
import { listAudit } from '#src/mappings/list-audit.ts';
import { listConflicts } from '#src/mappings/list-conflicts.ts';
import { listDecisions } from '#src/mappings/list-decisions.ts';
import { listLinks } from '#src/mappings/list-links.ts';
import { listProblems, problemGroups } from '#src/mappings/list-problems.ts';
import { listRecords } from '#src/mappings/list-records.ts';
import { listSuggestions } from '#src/mappings/list-suggestions.ts';
import { listUnlinkedExternal } from '#src/mappings/list-unlinked-external.ts';
import { listUnlinkedInternal } from '#src/mappings/list-unlinked-internal.ts';
import { readEndedLink, readLink } from '#src/mappings/read-link.ts';
import { recordLinks } from '#src/mappings/record-links.ts';
import { searchEverything } from '#src/mappings/search-everything.ts';
import { unlinkedCounts } from '#src/mappings/unlinked-counts.ts';
import { unlinkRecords } from '#src/mappings/unlink-records.ts';
import { testDatabase } from './database.ts';
import { aChannel, anExternal, aProduct, aSuggestion, operator } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

// ERP: 12 products linked, of which 2 failed, 1 lost its record there and 1 its record here; 4 free here, 1 of them excluded;
// 3 free there, 1 of them excluded; 5 suggestions. Shop: nothing linked.
let erp: string;
let shop: string;
const linkIds: string[] = [];
const free: string[] = [];

const linkNumber = async (number: number) => {
	const code = `TRAIL-${String(number).padStart(2, '0')}`;
	const internalId = await aProduct(
		db,
		code,
		number % 2 === 0 ? `Trail jacket ${number}` : `Alpine hose 50%_${number}`
	);
	const externalId = await anExternal(db, erp, `90${number}`, code);
	const link = await linkRecords(db, {
		channelId: erp,
		entity: 'product',
		internalId,
		externalId,
		variantId: '',
		...operator
	});
	if (!link.ok) throw new Error(link.message);
	linkIds.push(link.linkId);
};
const problem = (kind: string) => JSON.stringify({ kind, message: `It was ${kind}.`, hint: 'Look.' });

beforeAll(async () => {
	erp = await aChannel(db, 'ERP');
	shop = await aChannel(db, 'Shop');
	for (let number = 1; number <= 12; number++) await linkNumber(number);
	await db.execute(
		sql`update c_channel_map_product set status = 'failed', problem = ${problem('rejected')}::text::jsonb where id in (${linkIds[0]}::bigint, ${linkIds[1]}::bigint)`
	);
	await db.execute(
		sql`update c_channel_map_product set status = 'orphan', problem = ${problem('missing-external')}::text::jsonb where id = ${linkIds[2]}::bigint`
	);
	await db.execute(sql`update c_channel_record set deleted_at = now() where external_id = '903'`);
	await db.execute(sql`delete from m_product where value = 'TRAIL-04'`);
	for (const code of ['FREE-1', 'FREE-2', 'FREE-3', 'FREE-4']) free.push(await aProduct(db, code, `Free ${code}`));
	for (const code of ['e1', 'e2', 'e3']) await anExternal(db, erp, code, `only there ${code}`);
	await excludeRecord(db, {
		channelId: erp,
		entity: 'product',
		internalId: free[3] ?? '',
		reason: 'only ours',
		...operator
	});
	await excludeRecord(db, {
		channelId: erp,
		entity: 'product',
		externalId: 'e3',
		variantId: '',
		reason: 'only theirs',
		...operator
	});
	for (const [index, score] of [80, 100, 90, 90, 70].entries())
		await aSuggestion(db, erp, free[index % 3] ?? '', index < 3 ? 'e1' : 'e2', score);
});

/** Every page of a list forwards, then back to the first, two rows a page. */
async function walk<Row>(
	list: (input: PageInput) => Promise<Page<Row>>
): Promise<{ forwards: Row[][]; backwards: Row[][] }> {
	const [forwards, backwards]: [Row[][], Row[][]] = [[], []];
	let page = await list({ limit: 2 });
	expect(page.previous).toBeNull();
	for (;;) {
		forwards.push(page.rows);
		if (page.next === null) break;
		page = await list({ limit: 2, cursor: page.next });
	}
	while (page.previous !== null) {
		page = await list({ limit: 2, cursor: page.previous });
		backwards.unshift(page.rows);
	}
	return { forwards, backwards };
}

test('the query of the product document returns exactly the linked products', async () => {
	const rows = await db.execute(
		sql.raw(`
    -- Get all products that should be synced with the ERP
    SELECT
      p.id AS internal_id,
      p.updated_at AS internal_last_updated,
      cmap.external_product_id,
      cmap.updated_at AS mapping_last_updated
    FROM m_product p
    JOIN c_channel_map_product cmap ON p.id = cmap.m_product_id
    JOIN c_channel chan ON cmap.c_channel_id = chan.id
    WHERE chan.name = 'ERP';
	`)
	);
	const ids = rows.map((row) => row['external_product_id']).toSorted();
	expect(ids).toEqual(['901', '9010', '9011', '9012', '902', '903', '905', '906', '907', '908', '909']);
});

test('every list shows each row once, forwards and back', async () => {
	const at = { channelId: erp, entity: 'product' };
	const lists: Record<string, [(input: PageInput) => Promise<Page<object>>, number]> = {
		records: [(input) => listRecords(db, { ...input, entity: 'product' }), 15],
		links: [(input) => listLinks(db, { ...input, ...at }), 12],
		internal: [(input) => listUnlinkedInternal(db, { ...input, ...at }), 3],
		external: [(input) => listUnlinkedExternal(db, { ...input, ...at }), 2],
		suggestions: [(input) => listSuggestions(db, input), 5],
		problems: [(input) => listProblems(db, input), 4],
		audit: [(input) => listAudit(db, input), 16]
	};
	for (const [name, [list, size]] of Object.entries(lists)) {
		const { forwards, backwards } = await walk(list);
		const rows = forwards.flat().map((row) => JSON.stringify(row));
		expect([name, rows.length, new Set(rows).size]).toEqual([name, size, size]);
		expect(backwards).toEqual(forwards.slice(0, -1));
	}
	const scores = (await walk((input) => listSuggestions(db, input))).forwards.flat().map(({ score }) => score);
	expect(scores).toEqual([100, 90, 90, 80, 70]);
});

test('a page that emptied meanwhile still leads back', async () => {
	const page = await listRecords(db, { entity: 'product', limit: 200 });
	const last = await listRecords(db, { entity: 'product', limit: 14 });
	expect(last.next).not.toBeNull();
	await db.execute(sql`update m_product set value = 'A-moved' where value = ${page.rows.at(-1)?.value}`);
	const empty = await listRecords(db, { entity: 'product', limit: 14, cursor: last.next });
	expect(empty.rows).toEqual([]);
	const back = await listRecords(db, { entity: 'product', limit: 14, cursor: empty.previous });
	expect(back.rows.map(({ id }) => id)).toEqual(last.rows.map(({ id }) => id));
	await db.execute(sql`update m_product set value = ${page.rows.at(-1)?.value} where value = 'A-moved'`);
});

test('a cursor of another list, or one made up, is the first page with a word about it', async () => {
	const first = await listLinks(db, { channelId: erp, entity: 'product', limit: 2 });
	const foreign = (await listRecords(db, { entity: 'product', limit: 2 })).next;
	for (const cursor of [
		foreign,
		'nonsense',
		Buffer.from('["links product",1,"1); drop table x"]').toString('base64url'),
		Buffer.from('[]').toString('base64url')
	]) {
		const page = await listLinks(db, { channelId: erp, entity: 'product', limit: 2, cursor });
		expect(page).toEqual({ ...first, invalidCursor: true });
	}
	expect((await listLinks(db, { channelId: erp, entity: 'product', limit: 0 })).rows).toHaveLength(12);
});

test('search finds by words, by code and by external id, and takes signs as they are', async () => {
	const records = async (q: string) => (await listRecords(db, { entity: 'product', q })).rows.map(({ value }) => value);
	expect(await records('JACKET trail-1')).toEqual(['TRAIL-10', 'TRAIL-12']);
	expect(await records('50%_1')).toEqual(['TRAIL-01', 'TRAIL-11']);
	expect(await records('fr')).toEqual(['FREE-1', 'FREE-2', 'FREE-3', 'FREE-4']);
	expect(await records('ee')).toEqual([]);
	const links = async (q: string, status?: string) =>
		(await listLinks(db, { channelId: erp, entity: 'product', q, status: status ?? null })).rows.map(
			({ externalId }) => externalId
		);
	expect(await links('905')).toEqual(['905']);
	expect(await links('hose')).toEqual(['901', '903', '905', '907', '909', '9011']);
	expect(await links('hose', 'failed')).toEqual(['901']);
	const external = await listUnlinkedExternal(db, { channelId: erp, entity: 'product', q: 'there E2' });
	expect(external.rows.map(({ externalId }) => externalId)).toEqual(['e2']);
	const found = await searchEverything(db, { q: 'trail 05' });
	expect(found.records.map(({ value }) => value)).toEqual(['TRAIL-05']);
	expect(found.externals).toMatchObject([{ externalId: '905', linkId: linkIds[4] }]);
	expect((await searchEverything(db, { q: '907' })).links).toMatchObject([{ id: linkIds[6], channelName: 'ERP' }]);
	expect(await searchEverything(db, { q: ' \0 ' })).toEqual({ records: [], links: [], externals: [] });
});

test('a record shows how it stands with every channel', async () => {
	const chips = async (q: string) =>
		(await listRecords(db, { entity: 'product', q })).rows[0]?.channels.map(
			(chip) => `${chip.channelName} ${chip.status}`
		);
	expect(await chips('TRAIL-01')).toEqual(['ERP failed', 'Shop not-linked']);
	expect(await chips('FREE-1')).toEqual(['ERP suggested', 'Shop not-linked']);
	expect(await chips('FREE-4')).toEqual(['ERP excluded', 'Shop not-linked']);
	await db.execute(
		sql`insert into sync_intent (c_channel_id, entity, internal_id, reference, fields, internal_rev) values (${shop}::bigint, 'product', ${free[0]}::bigint, 'r', '{}', '1')`
	);
	expect(await chips('FREE-1')).toEqual(['ERP suggested', 'Shop creating']);
	const cards = await recordLinks(db, { entity: 'product', id: free[0] ?? '' });
	expect(cards.map(({ channel }) => channel.name)).toEqual(['ERP', 'Shop']);
	expect(cards[0]?.suggestions.map(({ score }) => score)).toEqual([90, 80]);
	expect(cards[0]?.suggestions[1]?.external?.fields['value']).toBe('only there e1');
	expect(cards[1]?.intent).toMatchObject({ state: 'open', reference: 'r' });
	await db.execute(sql`delete from sync_intent`);
});

test('counts add up with the lists', async () => {
	const at = { channelId: erp, entity: 'product' };
	expect(await unlinkedCounts(db, at)).toEqual({
		internal: 3,
		internalOutside: 0,
		internalExcluded: 1,
		external: 2,
		externalOutside: 0,
		externalExcluded: 1,
		suggestions: 5
	});
	expect(await unlinkedCounts(db, { ...at, channelId: shop })).toMatchObject({
		internal: 15,
		internalExcluded: 0,
		external: 0
	});
	expect((await listUnlinkedInternal(db, { ...at, excluded: true })).rows).toMatchObject([
		{ id: free[3], exclusion: { reason: 'only ours' } }
	]);
	expect((await listUnlinkedExternal(db, { ...at, excluded: true })).rows).toMatchObject([
		{ externalId: 'e3', exclusion: { reason: 'only theirs' } }
	]);
	const counts = await linkCounts(db, at);
	expect(counts).toEqual({
		total: 12,
		byStatus: { 'in-sync': 0, pending: 8, awaiting: 0, conflict: 0, failed: 2, quarantined: 0, orphan: 2 }
	});
	for (const status of ['pending', 'failed', 'orphan'] as const) {
		expect((await listLinks(db, { ...at, status })).rows).toHaveLength(counts.byStatus[status]);
	}
	expect((await linkCounts(db, { channelId: shop })).total).toBe(0);
});

test('problems are listed and grouped by their cause', async () => {
	expect(await problemGroups(db, {})).toMatchObject([
		{ kind: 'rejected', problems: 2, retryable: 2, missing: 0, message: 'It was rejected.' },
		{ kind: 'missing-external', problems: 1, retryable: 0, missing: 1 },
		{ kind: 'missing-internal', problems: 1, missing: 1 }
	]);
	expect((await listProblems(db, { kind: 'missing-internal' })).rows).toMatchObject([
		{ source: 'link', status: 'orphan', value: null, externalId: '904' }
	]);
	expect((await listProblems(db, { channelId: shop })).rows).toEqual([]);
	expect((await listProblems(db, { entity: 'business-partner' })).rows).toEqual([]);
});

test('conflicts are listed oldest first while open, newest first for 30 days once settled', async () => {
	const add = (field: string, state: string, ago: string) =>
		db.execute(sql`
		insert into sync_conflict (c_channel_id, entity, link_id, internal_id, external_id, field, internal, external, internal_rev, state, rule, winner, decided_at)
		select c_channel_id, 'product', id, m_product_id, external_product_id, ${field}, '"ours"', 'null', '1', ${state}, 'newest-wins',
			case when ${state} = 'settled' then 'internal' end, case when ${state} = 'settled' then now() - ${ago}::interval end
		from c_channel_map_product where id = ${linkIds[4]}::bigint`);
	for (const field of ['name', 'price']) await add(field, 'open', '0');
	await add('gtin', 'settled', '1 day');
	await add('weight', 'settled', '2 hours');
	await add('description', 'settled', '31 days');
	const fields = async (state: 'open' | 'settled') =>
		(await listConflicts(db, { state, channelId: erp })).rows.map(({ field }) => field);
	expect(await fields('open')).toEqual(['name', 'price']);
	expect(await fields('settled')).toEqual(['weight', 'gtin']);
	const [row] = (await listConflicts(db, { state: 'open', limit: 1 })).rows;
	expect(row).toMatchObject({ value: 'TRAIL-05', channelName: 'ERP', internal: 'ours', external: null });
	const link = await readLink(db, { entity: 'product', id: linkIds[4] ?? '' });
	expect(link).toMatchObject({ channelName: 'ERP', external: { version: 'v1' }, internal: { rev: '1' } });
	expect([link?.conflicts.length, link?.settled.length]).toEqual([2, 3]);
});

test('the timeline of a link goes on after it ended, and its page offers to undo', async () => {
	const at = { entity: 'product', id: linkIds[11] ?? '' };
	const before = await readLink(db, at);
	await unlinkRecords(db, { entity: 'product', linkId: at.id, reason: 'wrong one', ...operator });
	expect(await readLink(db, at)).toBeNull();
	expect(await readEndedLink(db, at)).toMatchObject({ externalId: '9012', reason: 'wrong one', undone: false });
	const { rows } = await listDecisions(db, { entity: 'product', linkId: at.id });
	expect(rows.map(({ action, actor, linkExists }) => [action, actor, linkExists])).toEqual([
		['unlink', 'operator@example.org', false],
		['link', 'operator@example.org', false]
	]);
	const cards = await recordLinks(db, { entity: 'product', id: before?.internalId ?? '' });
	expect(cards[0]?.ended).toMatchObject([{ linkId: at.id, externalName: 'Theirs TRAIL-12' }]);
	expect(cards[0]?.exclusions.map(({ kind }) => kind).toSorted()).toEqual(['pair', 'record']);
	expect((await listDecisions(db, { entity: 'product', recordId: before?.internalId ?? '' })).rows).toHaveLength(2);
});
