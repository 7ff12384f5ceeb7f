import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { connect } from '#src/db/client.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { Entity } from '#src/entities/entity.ts';
import { readCandidates } from '#src/store/read-candidates.ts';
import { testDatabase } from './database.ts';
import { aChannel } from './people.ts';

const database = await testDatabase();
afterAll(database.close);
const entity = entityNamed('product') as Entity;

test('what waits is matched by its keys: however many at once, the records of the channel are not all read', async () => {
	// One connection, whose own counters are told at once.
	const { db, close } = connect(database.url, { max: 1 });
	try {
		const channelId = await aChannel(db);
		await db.execute(sql`
			insert into m_product (value, name) select 'C-' || n, 'Ours ' || n from generate_series(1, 1000) n`);
		// Past the triggers: as many as make reading them all the dearer way.
		await db.execute(sql`set session_replication_role = replica`);
		await db.execute(sql`
			insert into c_channel_record (c_channel_id, entity, external_id, fields, match_keys)
			select ${channelId}::bigint, 'product', 'x' || n, jsonb_build_object('value', 'c-' || n, 'name', 'Theirs'), array['value=c' || n]
			from generate_series(1, 40000) n`);
		await db.execute(sql`reset session_replication_role`);
		await db.execute(sql`
			insert into sync_candidate (c_channel_id, entity, side, record_id)
			select ${channelId}::bigint, 'product', 'internal', id::text from m_product on conflict do nothing`);
		await db.execute(sql`analyze c_channel_record`);
		const rowsRead = async () => {
			await db.execute(sql`select pg_stat_force_next_flush()`);
			const [row] = await db.execute<{ read: number }>(
				sql`select seq_tup_read::int as read from pg_stat_user_tables where relname = 'c_channel_record'`
			);
			return row?.read ?? 0;
		};
		const before = await rowsRead();
		const set = await readCandidates(db, { channelId, entity, limit: 1000 });
		expect(set).toMatchObject({ complete: true });
		expect(set.internals).toHaveLength(1000);
		expect(set.externals.map(({ externalId }) => externalId)).toContain('x1000');
		expect(set.externals).toHaveLength(1000);
		expect((await rowsRead()) - before).toBe(0);
	} finally {
		await close();
	}
});
