import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { product } from '#src/entities/product/index.ts';
import { excludeRecord } from '#src/mappings/exclude-record.ts';
import { goLivePlan } from '#src/mappings/go-live-plan.ts';
import { linkRecords } from '#src/mappings/link-records.ts';
import { listAudit } from '#src/mappings/list-audit.ts';
import { listUnlinkedExternal } from '#src/mappings/list-unlinked-external.ts';
import { listUnlinkedInternal } from '#src/mappings/list-unlinked-internal.ts';
import { saveChannelEntity } from '#src/mappings/manage-channel.ts';
import { preFlight } from '#src/mappings/pre-flight.ts';
import { previewScope } from '#src/mappings/preview-scope.ts';
import { readLink } from '#src/mappings/read-link.ts';
import { unlinkedCounts } from '#src/mappings/unlinked-counts.ts';
import { fieldsInScope, internalInScope } from '#src/store/scope-condition.ts';
import type { ScopeCondition, SideScopes } from '#src/sync/scope.ts';
import { testDatabase } from './database.ts';
import { aChannel, administrator, anExternal, aProduct, aSuggestion, operator } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

const startsWith = (value: string): ScopeCondition => ({
	field: 'value',
	type: 'text',
	operator: 'starts-with',
	value
});
const dear: ScopeCondition = { field: 'price', type: 'decimal', operator: 'greater', value: '10' };

async function setScope(channelId: string, scope: SideScopes | undefined) {
	const [row] = await db.execute<{ rev: number }>(
		sql`select settings_rev as rev from c_channel_entity where c_channel_id = ${channelId}::bigint and entity = 'product'`
	);
	const settingsRev = row?.rev ?? 0;
	const result = await saveChannelEntity(db, {
		channelId,
		entity: 'product',
		settingsRev,
		policy: { scope },
		...administrator
	});
	expect(result).toMatchObject({ ok: true });
}

const texts = async (query: ReturnType<typeof sql>) => (await db.execute<{ t: string }>(query)).map(({ t }) => t);

/** What the four tables of free records hold of a channel, beside what they should hold. */
async function free(channelId: string, scope: SideScopes) {
	const at = sql`c_channel_id = ${channelId}::bigint and entity = 'product'`;
	const kept = await texts(sql`
		select 'ours in ' || internal_id as t from sync_unlinked_internal where ${at} union all select 'ours out ' || internal_id from sync_outside_internal where ${at}
		union all select 'theirs in ' || external_id from sync_unlinked_external where ${at} union all select 'theirs out ' || external_id from sync_outside_external where ${at} order by 1`);
	const side = (inside: ReturnType<typeof sql>) => sql`case when ${inside} then 'in ' else 'out ' end`;
	const due = await texts(sql`
		select 'ours ' || ${side(internalInScope(product, 'r', scope.internal))} || r.id as t from m_product r
		where not exists (select 1 from c_channel_map_product m where m.c_channel_id = ${channelId}::bigint and m.m_product_id = r.id)
			and not exists (select 1 from c_channel_exclusion x where x.c_channel_id = ${channelId}::bigint and x.kind = 'record' and x.internal_id = r.id)
		union all
		select 'theirs ' || ${side(fieldsInScope('r', scope.external))} || r.external_id from c_channel_record r where r.${at} and r.deleted_at is null
			and not exists (select 1 from c_channel_map_product m where m.c_channel_id = r.c_channel_id and m.external_product_id = r.external_id)
			and not exists (select 1 from c_channel_exclusion x where x.c_channel_id = r.c_channel_id and x.kind = 'record' and x.external_id = r.external_id)
		order by 1`);
	return { kept, due };
}

test('which free records are in scope is kept through whatever happens to records, links, marks and the scope', async () => {
	const channelId = await aChannel(db, 'Kept');
	const at = { channelId, entity: 'product' };
	let scope: SideScopes = {};
	const holds = async (what: string) => {
		const { kept, due } = await free(channelId, scope);
		expect(kept, what).toEqual(due);
		return due;
	};
	const ours = [await aProduct(db, 'K-1'), await aProduct(db, 'X-1'), await aProduct(db, 'K-2')];
	for (const id of ['K-1', 'X-1', 'X-2']) await anExternal(db, channelId, id);
	scope = { internal: [startsWith('K-'), dear], external: [startsWith('K-')] };
	await setScope(channelId, scope);
	expect((await holds('a scope is set')).filter((line) => line.includes(' out ')).length).toBeGreaterThanOrEqual(3);
	await aProduct(db, 'K-3');
	await aProduct(db, 'X-3');
	await anExternal(db, channelId, 'K-9');
	await anExternal(db, channelId, 'X-9');
	await holds('records come');
	await db.execute(sql`update m_product set price = 1 where id = ${ours[2]}::bigint`);
	await db.execute(sql`update m_product set value = 'K-1b' where id = ${ours[1]}::bigint`);
	await db.execute(sql`update m_product set name = name || '!' where value like 'K-%'`);
	await holds('records of ours change');
	await db.execute(sql`update c_channel_record set fields = fields || '{"value":"K-8"}' where external_id = 'X-2'`);
	await db.execute(
		sql`update c_channel_record set fields = fields || '{"value":"Y"}', deleted_at = now() where external_id = 'K-9'`
	);
	await holds("the channel's records change");
	await db.execute(sql`update c_channel_record set deleted_at = null where external_id = 'K-9'`);
	await holds('one is back, out of scope');
	await linkRecords(db, {
		...at,
		internalId: ours[0] ?? '',
		externalId: 'X-9',
		variantId: '',
		override: true,
		...operator
	});
	await holds('a record out of scope is linked');
	await db.execute(sql`update m_product set price = 1 where id = ${ours[0]}::bigint`);
	await holds('a linked record moves out');
	await excludeRecord(db, { ...at, internalId: ours[2] ?? '', reason: 'no', ...operator });
	await holds('a record out of scope is set aside');
	await db.execute(sql`delete from c_channel_exclusion`);
	await db.execute(sql`delete from c_channel_map_product where c_channel_id = ${channelId}::bigint`);
	await holds('the mark and the link go');
	scope = { external: [startsWith('X')] };
	await setScope(channelId, scope);
	await holds('another scope');
	await db.execute(sql`delete from sync_outside_external`);
	await db.execute(sql`select cm_fill_unlinked(${channelId}::bigint, 'product')`);
	await holds('what went wrong is mended');
	scope = {};
	await setScope(channelId, undefined);
	expect((await holds('no scope')).filter((line) => line.includes(' out '))).toEqual([]);
	await db.execute(sql`delete from c_channel_entity where c_channel_id = ${channelId}::bigint`);
	expect((await free(channelId, {})).kept).toEqual([]);
});

test('lists, counts, pre-flight, plan and preview know what takes part; a change is audited', async () => {
	const channelId = await aChannel(db, 'Counts');
	await db.execute(sql`delete from m_product`);
	const at = { channelId, entity: 'product' };
	const ids = [];
	for (const value of ['C-1', 'C-2', 'D-1', 'D-2', 'D-3']) ids.push(await aProduct(db, value));
	for (const id of ['C-1', 'C-7', 'D-1']) await anExternal(db, channelId, id);
	await linkRecords(db, { ...at, internalId: ids[3] ?? '', externalId: 'D-1', variantId: '', ...operator });
	const doubtful = await aSuggestion(db, channelId, ids[2] ?? '', 'C-7');
	const right = await aSuggestion(db, channelId, ids[0] ?? '', 'C-1');
	const scope = { internal: [startsWith('C-')], external: [startsWith('C-')] };
	expect(await previewScope(db, product, { channelId, scope })).toEqual({
		internal: { inside: 2, outside: 3, examples: ['D-1 Name of D-1', 'D-2 Name of D-2', 'D-3 Name of D-3'] },
		external: { inside: 2, outside: 1, examples: ['D-1 Theirs D-1'] },
		linksOutside: 1
	});
	await db.execute(
		sql`update c_channel_entity set push_live = true, pull_live = true, auto_create_external = true where c_channel_id = ${channelId}::bigint`
	);
	await setScope(channelId, scope);
	expect(await unlinkedCounts(db, at)).toMatchObject({
		internal: 2,
		internalOutside: 2,
		external: 2,
		externalOutside: 0,
		suggestions: 1
	});
	const left = await db.execute<{ id: string }>(
		sql`select id::text as id from c_channel_suggestion where id in (${doubtful}::bigint, ${right}::bigint)`
	);
	expect(left.map(({ id }) => id)).toEqual([right]);
	const values = async (outside: boolean) =>
		(await listUnlinkedInternal(db, { ...at, outside })).rows.map(({ value }) => value);
	expect([await values(false), await values(true)]).toEqual([
		['C-1', 'C-2'],
		['D-1', 'D-3']
	]);
	expect((await listUnlinkedInternal(db, { ...at, outside: true, q: 'D-3' })).rows).toHaveLength(1);
	expect((await listUnlinkedExternal(db, { ...at, outside: true })).rows).toEqual([]);
	expect(await preFlight(db, product, { channelId })).toMatchObject({
		ours: 2,
		theirs: 2,
		oursOutside: 2,
		theirsOutside: 0
	});
	expect((await goLivePlan(db, product, { channelId, direction: 'push' }))?.willCreate).toBe(2);
	const candidates = await texts(
		sql`select side || ' ' || record_id as t from sync_candidate where c_channel_id = ${channelId}::bigint order by 1`
	);
	expect(candidates).toEqual([...candidates].filter((line) => !/ D-/.test(line)));
	expect(candidates).toContain('external C-7');
	expect(candidates).not.toContain(`internal ${ids[4]}`);
	const [newest] = (await listAudit(db, {})).rows;
	expect(newest).toMatchObject({ action: 'save-settings', detail: { policy: { scope } } });
});

test('a person links a record that is out of scope once it was said, and the link tells it', async () => {
	const channelId = await aChannel(db, 'Hand');
	const internalId = await aProduct(db, 'H-1');
	const externalId = await anExternal(db, channelId, 'H-1');
	await setScope(channelId, { internal: [startsWith('Z')] });
	const pair = { channelId, entity: 'product', internalId, externalId, variantId: '', ...operator };
	expect(await linkRecords(db, pair)).toMatchObject({
		ok: false,
		kind: 'out-of-scope',
		message: 'Our record is out of scope.'
	});
	const result = await linkRecords(db, { ...pair, override: true });
	const linkId = result.ok ? result.linkId : '';
	expect(await readLink(db, { entity: 'product', id: linkId })).toMatchObject({ outside: ['internal'] });
	await setScope(channelId, { external: [{ ...startsWith('H'), operator: 'is-not', value: 'H-1' }] });
	expect(await readLink(db, { entity: 'product', id: linkId })).toMatchObject({ outside: ['external'] });
});

test('what no form sends is refused and changes nothing', async () => {
	const channelId = await aChannel(db, 'Refused');
	const save = (internal: unknown) =>
		saveChannelEntity(db, {
			channelId,
			entity: 'product',
			settingsRev: 1,
			policy: { scope: { internal } as SideScopes },
			...administrator
		});
	const bad: unknown[] = [
		'all',
		[{ ...dear, operator: 'contains' }],
		[{ ...dear, value: '1 or 1=1' }],
		[{ ...dear, type: 'text', operator: 'is' }],
		[{ ...startsWith('x'), field: 'password' }],
		[{ ...startsWith('x'), extra: true }],
		[startsWith('')],
		Array.from({ length: 21 }, () => dear)
	];
	for (const one of bad) expect(await save(one), JSON.stringify(one)).toMatchObject({ ok: false, kind: 'invalid' });
	expect(await save([startsWith("'); drop table m_product; --")])).toMatchObject({ ok: true });
	expect(await unlinkedCounts(db, { channelId, entity: 'product' })).toMatchObject({ internal: 0 });
});
