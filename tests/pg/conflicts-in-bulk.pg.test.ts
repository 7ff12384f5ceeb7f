import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { conflictNames, seenConflicts } from '#src/mappings/conflicts-now.ts';
import { conflictFacets, listConflicts, nextConflict } from '#src/mappings/list-conflicts.ts';
import { inboxCounts } from '#src/mappings/inbox-counts.ts';
import { resolveMany } from '#src/mappings/resolve-many.ts';
import { compactLinkCounts } from '#src/store/compact-link-counts.ts';
import { testDatabase } from './database.ts';
import { aChannel, as, operator } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

const count = 450;
let channelId: string;

beforeAll(async () => {
	channelId = await aChannel(db);
	await db.execute(sql`
		insert into m_product (value, name, price) select 'B-' || n, 'Ours ' || n, n from generate_series(1, ${count}::int) n`);
	await db.execute(sql`
		insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id, status, base_internal, base_external, clean_seq, dirty_seq, external_version)
		select ${channelId}::bigint, id, 'x' || id, 'conflict', '{"name":"base","price":"1"}', '{"name":"base","price":"1"}', 1, 1, 'v1' from m_product order by id`);
	await db.execute(sql`
		insert into sync_conflict (c_channel_id, entity, link_id, internal_id, external_id, field, base, internal, external, internal_rev, external_version, state, rule)
		select m.c_channel_id, 'product', m.id, r.id, m.external_product_id, f.field, '"1"', to_jsonb(to_jsonb(r) ->> f.field), f.theirs, '1', 'v1', 'open', f.rule
		from m_product r join c_channel_map_product m on m.m_product_id = r.id
		join (values ('price', '"7000"'::jsonb, 'ask: policy', 1), ('name', '"Theirs"'::jsonb, 'ask: no-stamp', 3)) as f(field, theirs, rule, every)
			on r.id % f.every = 0
		order by r.id, f.field`);
});

const open = (field?: string) => seenConflicts(db, { channelId, field });
const withWinner = (rows: Awaited<ReturnType<typeof open>>, winner: 'internal' | 'external') =>
	rows.map(({ id: conflictId, entity, seen }) => ({ conflictId, entity, seen, winner }));

test('the filter above a grid counts what it offers, and each combination lists just that', async () => {
	const facets = await conflictFacets(db, { channelId });
	expect(facets).toEqual([
		{ entity: 'product', field: 'price', rule: 'ask: policy', conflicts: count },
		{ entity: 'product', field: 'name', rule: 'ask: no-stamp', conflicts: count / 3 }
	]);
	const page = await listConflicts(db, { state: 'open', channelId, field: 'name', rule: 'ask: no-stamp', limit: 200 });
	expect(page.rows.map(({ field }) => field)).toEqual(Array.from({ length: count / 3 }, () => 'name'));
	const wrong = await listConflicts(db, { state: 'open', channelId, field: 'name', rule: 'ask: policy' });
	expect(wrong.rows).toEqual([]);
	const elsewhere = await listConflicts(db, { state: 'open', channelId: '0', field: 'name' });
	expect(elsewhere.rows).toEqual([]);
});

test('one answer for all of a filter: what moved since it was seen stays open and is named, the rest is settled', async () => {
	const seen = await open('price');
	expect(seen).toHaveLength(count);
	await db.execute(sql`update m_product set price = 99 where value in ('B-10', 'B-420')`);
	await db.execute(sql`update sync_conflict set external = '"8000"' where field = 'price' and external_id = (
		select external_product_id from c_channel_map_product m join m_product r on r.id = m.m_product_id where r.value = 'B-30')`);
	// Another field of the record moved: what was seen of this one still stands.
	await db.execute(sql`update m_product set description = 'New' where value = 'B-11'`);
	const result = await resolveMany(db, { rows: withWinner(seen, 'internal'), ...operator });
	expect(result).toMatchObject({ ok: true, resolved: count - 3 });
	const refused = result.ok ? result.refused : [];
	expect(await conflictNames(db, refused)).toEqual(
		['B-10', 'B-30', 'B-420'].map((value) => ({ value, field: 'Price' }))
	);
	const [left] = await db.execute(sql`
		select count(*)::int as open, count(*) filter (where field = 'price')::int as prices from sync_conflict where state = 'open'`);
	expect(left).toEqual({ open: count / 3 + 3, prices: 3 });
	const [links] = await db.execute(sql`
		select count(*) filter (where status = 'pending')::int as pending, count(*) filter (where status = 'conflict')::int as conflict,
			count(*) filter (where dirty_seq > clean_seq)::int as dirty from c_channel_map_product`);
	// A name waits on each third of them, and of the three that were refused the third one has one.
	expect(links).toEqual({ pending: count - count / 3 - 1, conflict: count / 3 + 1, dirty: count - 3 });
	const journaled = await db.execute(sql`
		select d.changes, d.link_state -> 'base_internal' as bases from sync_decision d join m_product r on r.id = d.internal_id
		where d.action = 'resolve' and r.value = 'B-7'`);
	expect(journaled).toEqual([
		{
			changes: [{ field: 'price', side: 'external', before: '7000', after: '7.000000', rule: 'person', lost: '7000' }],
			bases: { price: '7000' }
		}
	]);
	const [audit] = await db.execute(sql`select count(*)::int as events from audit_event where action = 'resolve'`);
	expect(audit).toEqual({ events: 3 });
});

test('the same choices sent twice settle nothing twice; a viewer settles nothing', async () => {
	const names = withWinner((await open('name')).slice(0, 5), 'external');
	expect(await resolveMany(db, { rows: names, ...as('viewer') })).toMatchObject({ kind: 'not-allowed' });
	expect(await resolveMany(db, { rows: [...names, ...names], ...operator })).toMatchObject({ resolved: 5 });
	expect(await resolveMany(db, { rows: names, ...operator })).toMatchObject({
		resolved: 0,
		refused: names.map(({ conflictId }) => conflictId)
	});
	expect(await resolveMany(db, { rows: [], ...operator })).toMatchObject({ kind: 'invalid' });
});

test('"apply and next" goes on to the next link of the channel and comes round to the first', async () => {
	const { rows } = await listConflicts(db, { state: 'open', channelId, field: 'name', limit: 3 });
	const at = (index: number) => ({ channelId, entity: 'product', linkId: rows[index]?.linkId ?? '' });
	const all = await listConflicts(db, { state: 'open', channelId, limit: 200 });
	const last = all.rows.at(-1)?.linkId ?? '';
	expect(await nextConflict(db, at(0))).not.toMatchObject({ linkId: rows[0]?.linkId });
	expect(await nextConflict(db, { ...at(0), linkId: last })).toMatchObject({ linkId: all.rows[0]?.linkId });
	expect(await nextConflict(db, { ...at(0), channelId: '0' })).toBeNull();
});

test('the counts of open conflicts are those of the rows, whatever became of them', async () => {
	const real = async () => [
		...(await db.execute(sql`
			select entity, field, rule, count(*)::int as conflicts from sync_conflict where state = 'open' group by 1, 2, 3 order by 4 desc, 1, 2, 3`))
	];
	const counted = async () => {
		const facets = await conflictFacets(db, {});
		expect(facets).toEqual(await real());
		expect((await inboxCounts(db)).conflicts).toBe(facets.reduce((sum, { conflicts }) => sum + conflicts, 0));
		return facets;
	};
	// What the tests above resolved, then what comes back, what changes its reason, and what goes.
	const before = await counted();
	await db.execute(sql`update sync_conflict set state = 'open' where field = 'name' and state = 'resolved'`);
	expect(await counted()).not.toEqual(before);
	await db.execute(sql`update sync_conflict set rule = 'ask: later' where field = 'name' and id % 5 = 0`);
	await db.execute(sql`delete from sync_conflict where id % 7 = 0`);
	const after = await counted();
	expect(after.map(({ rule }) => rule)).toContain('ask: later');
	await Promise.all([
		compactLinkCounts(db),
		db.execute(sql`update sync_conflict set state = 'gone' where id % 11 = 0`),
		compactLinkCounts(db)
	]);
	await counted();
	await compactLinkCounts(db);
	const [kept] = await db.execute<{ n: number }>(sql`select count(*)::int as n from sync_conflict_count`);
	expect(kept?.n).toBe((await counted()).length);
	await db.execute(sql`delete from sync_conflict`);
	expect(await counted()).toEqual([]);
});
