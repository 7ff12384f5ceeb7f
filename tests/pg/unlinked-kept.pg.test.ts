import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { endExclusion } from '#src/mappings/end-exclusion.ts';
import { excludeRecord } from '#src/mappings/exclude-record.ts';
import { listUnlinkedExternal } from '#src/mappings/list-unlinked-external.ts';
import { listUnlinkedInternal } from '#src/mappings/list-unlinked-internal.ts';
import { repointLink } from '#src/mappings/repoint-link.ts';
import { undoUnlink } from '#src/mappings/undo-unlink.ts';
import { unlinkRecords } from '#src/mappings/unlink-records.ts';
import { mendUnlinked } from '#src/store/mend-unlinked.ts';
import { testDatabase } from './database.ts';
import { aChannel, anExternal, aProduct, linking, operator } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

const kept = sql`
	select 'ours ' || c_channel_id || ' ' || internal_id as free from sync_unlinked_internal where entity = 'product'
	union all select 'theirs ' || c_channel_id || ' ' || external_id from sync_unlinked_external where entity = 'product' order by 1`;
const workedOut = sql`
	select 'ours ' || e.c_channel_id || ' ' || r.id as free from m_product r cross join c_channel_entity e where e.entity = 'product'
		and not exists (select 1 from c_channel_map_product m where m.c_channel_id = e.c_channel_id and m.m_product_id = r.id)
		and not exists (select 1 from c_channel_exclusion x where x.c_channel_id = e.c_channel_id and x.entity = 'product' and x.kind = 'record' and x.internal_id = r.id)
	union all
	select 'theirs ' || r.c_channel_id || ' ' || r.external_id from c_channel_record r where r.entity = 'product' and r.deleted_at is null
		and not exists (select 1 from c_channel_map_product m where m.c_channel_id = r.c_channel_id and m.external_product_id = r.external_id)
		and not exists (select 1 from c_channel_exclusion x where x.c_channel_id = r.c_channel_id and x.entity = 'product' and x.kind = 'record' and x.external_id = r.external_id)
	order by 1`;
const free = async (query: typeof kept) => (await db.execute<{ free: string }>(query)).map((row) => row.free);

test('which records are free is kept through whatever happens to records, links, marks and channels', async () => {
	await aProduct(db, 'BEFORE');
	const channelId = await aChannel(db);
	const { linked, pair } = linking(db, () => channelId);
	const at = { channelId, entity: 'product' };
	const holds = async (what: string) => expect(await free(kept), what).toEqual(await free(workedOut));
	await holds('a channel is added');
	const [first, second, third] = [await linked(), await linked(), await pair()];
	await aChannel(db, 'Shop');
	await holds('records are linked, another channel is added');
	await excludeRecord(db, { ...at, internalId: third.internalId, reason: 'no', ...operator });
	await excludeRecord(db, { ...at, externalId: third.externalId, variantId: '', reason: 'no', ...operator });
	await holds('both records of a pair are set aside');
	const [mark] = await db.execute<{ id: string }>(
		sql`select id::text as id from c_channel_exclusion where internal_id is not null`
	);
	await endExclusion(db, { exclusionId: mark?.id ?? '', ...operator });
	await holds('a mark is taken away');
	const ended = await unlinkRecords(db, { entity: 'product', linkId: first.linkId, ...operator });
	await holds('a link ends');
	await undoUnlink(db, { historyId: ended.ok ? ended.historyId : '', ...operator });
	await holds('a link is brought back');
	const other = await anExternal(db, channelId, 'other');
	expect(
		await repointLink(db, { entity: 'product', linkId: second.linkId, externalId: other, variantId: '', ...operator })
	).toMatchObject({ ok: true });
	await holds('a link points to another record');
	await db.execute(
		sql`update c_channel_record set deleted_at = now() where external_id in ('other', ${second.externalId})`
	);
	await holds('records of the channel are gone');
	await db.execute(sql`update c_channel_record set deleted_at = null`);
	await holds('they are back');
	await db.execute(sql`delete from m_product where id in (${first.internalId}::bigint, ${third.internalId}::bigint)`);
	await holds('records of ours are deleted');
	await db.execute(sql`delete from c_channel_map_product where m_product_id = ${first.internalId}::bigint`);
	await holds('a link without a record of ours goes');
	await db.execute(sql`insert into m_product (value, name) select 'MANY-' || n, 'Many' from generate_series(1, 50) n`);
	await holds('many records come at once');
	await db.execute(sql`delete from c_channel_entity where c_channel_id <> ${channelId}::bigint`);
	await holds('a channel does not carry products any more');
	expect((await free(kept)).length).toBeGreaterThan(50);
	await db.execute(sql`delete from sync_unlinked_internal where internal_id % 2 = 0`);
	await db.execute(sql`
		insert into sync_unlinked_internal (c_channel_id, entity, internal_id)
		select c_channel_id, 'product', m_product_id from c_channel_map_product on conflict do nothing`);
	await mendUnlinked(db);
	await holds('what went wrong is mended');
});

test('a page of free records reads a piece of an index, however many records and links there are', async () => {
	const channelId = await aChannel(db, 'Large');
	const at = { channelId, entity: 'product' };
	await db.execute(
		sql`insert into m_product (value, name) select 'L-' || n, 'Large ' || n from generate_series(1, 3000) n`
	);
	await db.execute(sql`insert into c_channel_record (c_channel_id, entity, external_id, fields)
		select ${channelId}::bigint, 'product', 'L-' || n, '{}' from generate_series(1, 3000) n`);
	await db.execute(sql`insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id)
		select ${channelId}::bigint, r.id, r.value from m_product r where r.value like 'L-%' and r.value not like 'L-%77'`);
	await db.execute(
		sql`analyze m_product, c_channel_record, c_channel_map_product, sync_unlinked_internal, sync_unlinked_external`
	);
	const queries: string[] = [];
	const watched = new Proxy(db, {
		get: (target, name) =>
			name === 'execute'
				? async (query: ReturnType<typeof sql>) => {
						const plan = await target.execute<Record<string, string>>(sql`explain ${query}`);
						queries.push(plan.map((row) => row['QUERY PLAN']).join('\n'));
						return target.execute(query);
					}
				: Reflect.get(target, name)
	});
	expect((await listUnlinkedInternal(watched, { ...at, q: 'L-77' })).rows.map(({ value }) => value)).toContain('L-77');
	expect((await listUnlinkedExternal(watched, at)).rows.map(({ externalId }) => externalId)).toContain('L-1077');
	expect((await listUnlinkedInternal(watched, at)).rows).toHaveLength(50);
	await listUnlinkedInternal(watched, { ...at, excluded: true });
	await listUnlinkedExternal(watched, { ...at, excluded: true });
	expect(queries.length).toBeGreaterThan(4);
	expect(queries.filter((plan) => /Seq Scan on c_channel_map_product/.test(plan))).toEqual([]);
});

test('a new record looks at its own links, not at all of its channel, before anything is known of the tables', async () => {
	const channelId = await aChannel(db, 'Young');
	await db.transaction(async (tx) => {
		await tx.execute(
			sql`insert into m_product (value, name) select 'Y-' || n, 'Young' from generate_series(1, 1000) n`
		);
		await tx.execute(sql`
			insert into c_channel_map_product (c_channel_id, m_product_id, external_product_id)
			select ${channelId}::bigint, id, value from m_product where value like 'Y-%'`);
		const linksRead = async () => {
			const [row] = await tx.execute<{ rows: number }>(sql`
				select (seq_tup_read + idx_tup_fetch)::int as rows from pg_stat_xact_user_tables where relname = 'c_channel_map_product'`);
			return row?.rows ?? 0;
		};
		const before = await linksRead();
		await tx.execute(sql`insert into m_product (value, name) select 'Z-' || n, 'Young' from generate_series(1, 20) n`);
		expect((await linksRead()) - before).toBeLessThan(1000);
	});
});
