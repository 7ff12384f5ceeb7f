import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { connect, type Db } from '#src/db/client.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { Entity } from '#src/entities/entity.ts';
import { readCandidates } from '#src/store/read-candidates.ts';
import { readToMatch } from '#src/store/read-to-match.ts';
import { saveMatches } from '#src/store/save-matches.ts';
import { testDatabase } from './database.ts';
import { aChannel, aRun } from './people.ts';

const database = await testDatabase();
afterAll(database.close);
const entity = entityNamed('product') as Entity;
const theirs = 40_000;

/** One connection, whose own counters are told at once. */
const { db, close } = connect(database.url, { max: 1 });
afterAll(close);
const channelId = await aChannel(db);
await fill(db);
const run = await aRun(db, channelId);

async function fill(tx: Db): Promise<void> {
	await tx.execute(sql`
		insert into m_product (value, name) select 'C-' || n, 'Ours ' || n from generate_series(1, 1000) n`);
	// Past the triggers: as many as make reading them all the dearer way.
	await tx.execute(sql`set session_replication_role = replica`);
	await tx.execute(sql`
		insert into c_channel_record (c_channel_id, entity, external_id, fields, match_keys)
		select ${channelId}::bigint, 'product', 'x' || n, jsonb_build_object('value', 'c-' || n, 'name', 'Theirs'), array['value=c' || n]
		from generate_series(1, ${theirs}::int) n`);
	await tx.execute(sql`reset session_replication_role`);
	await tx.execute(sql`
		insert into sync_candidate (c_channel_id, entity, side, record_id)
		select ${channelId}::bigint, 'product', 'internal', id::text from m_product on conflict do nothing`);
	await tx.execute(sql`analyze`);
}

/** Rows of a table that were looked at meanwhile, by whatever way. */
async function rowsRead(table: string, work: () => Promise<unknown>): Promise<number> {
	const count = async () => {
		await db.execute(sql`select pg_stat_force_next_flush()`);
		const [row] = await db.execute<{ read: number }>(sql`
			select (seq_tup_read + idx_tup_fetch)::int as read from pg_stat_user_tables where relname = ${table}`);
		return row?.read ?? 0;
	};
	const before = await count();
	await work();
	return (await count()) - before;
}

test('what waits is matched by its keys: however many at once, the records of the channel are not all read', async () => {
	const read = await rowsRead('c_channel_record', async () => {
		const set = await readCandidates(db, { channelId, entity, limit: 1000 });
		expect(set).toMatchObject({ complete: true });
		expect(set.internals).toHaveLength(1000);
		expect(set.externals.map(({ externalId }) => externalId)).toContain('x1000');
		expect(set.externals).toHaveLength(1000);
	});
	expect(read).toBeLessThan(theirs / 10);
});

test('so it is where nothing is created, from either side', async () => {
	const input = { channelId, entity, after: null, limit: 1000 };
	const read = await rowsRead('c_channel_record', async () => {
		const set = await readToMatch(db, input);
		expect(set).toMatchObject({ complete: true });
		expect([set.taken.length, set.internals.length, set.externals.length]).toEqual([1000, 1000, 1000]);
	});
	expect(read).toBeLessThan(theirs / 10);
	const known = await rowsRead('m_product', async () => {
		await db.execute(sql`
			insert into sync_candidate (c_channel_id, entity, side, record_id) values (${channelId}::bigint, 'product', 'external', 'x7')`);
		const set = await readToMatch(db, { ...input, limit: 1 });
		expect(set).toMatchObject({
			taken: [{ side: 'external', recordId: 'x7' }],
			internals: [{ fields: { value: 'C-7', name: 'Ours 7', gtin: null } }],
			externals: [{ externalId: 'x7', fields: { value: 'c-7', name: 'Theirs', gtin: null } }]
		});
		await db.execute(sql`delete from sync_candidate where side = 'external'`);
	});
	expect(known).toBeLessThan(10);
});

test('a code that more records have than are looked at together hides no other', async () => {
	await db.execute(sql`set session_replication_role = replica`);
	await db.execute(sql`
		update c_channel_record set match_keys = match_keys || 'gtin=4006381333931'::text where substr(external_id, 2)::int > 20000`);
	await db.execute(sql`reset session_replication_role`);
	await db.execute(sql`update m_product set gtin = '4006381333931' where value = 'C-1'`);
	const input = { channelId, entity, limit: 1000 };
	for (const set of [await readCandidates(db, input), await readToMatch(db, { ...input, after: null })]) {
		const found = new Set(set.externals.map(({ externalId }) => externalId));
		expect(set.internals.filter(({ fields }) => !found.has(`x${String(fields['value']).slice(2)}`))).toEqual([]);
		expect(found.size).toBeLessThan(1000 + 200);
	}
});

test('what was suggested before is looked up record by record', async () => {
	await db.execute(sql`
		insert into c_channel_suggestion (c_channel_id, entity, internal_id, external_id, score, evidence)
		select ${channelId}::bigint, 'product', 1000000 + n, 'y' || n, 70, '[]' from generate_series(1, 20000) n`);
	await db.execute(sql`analyze c_channel_suggestion`);
	const suggested = () =>
		db.execute(sql`
		select internal_id::int as ours, external_id as theirs from c_channel_suggestion where internal_id in (1, 2, 3) order by 1, 2`);
	const save = (internalIds: string[], externalId: string) =>
		saveMatches(db, {
			channelId,
			entity,
			run,
			settingsRev: 1,
			internalIds,
			externalKeys: [{ id: externalId, variant: '' }],
			suggestions: internalIds.map((internalId) => ({
				internalId,
				externalId,
				variantId: '',
				score: 90,
				evidence: [],
				ambiguous: internalIds.length > 1,
				best: internalId === internalIds[0]
			})),
			consumed: []
		});
	const read = await rowsRead('c_channel_suggestion', () => save(['1', '2'], 'z'));
	expect([...(await suggested())]).toEqual([
		{ ours: 1, theirs: 'z' },
		{ ours: 2, theirs: 'z' }
	]);
	expect(read).toBeLessThan(100);
	await save(['3'], 'z');
	expect([...(await suggested())]).toEqual([{ ours: 3, theirs: 'z' }]);
});
