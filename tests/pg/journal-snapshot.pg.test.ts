import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { unlinkRecords } from '#src/store/unlink-records.ts';
import { prepareDump } from '../store/dump.ts';
import { untold } from '../store/replayed.ts';
import { testDatabase } from './database.ts';
import { aChannel, linking, operator } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

test('after a snapshot of the links, what came before it in the journal may go', async () => {
	const channelId = await aChannel(db);
	const { linked } = linking(db, () => channelId);
	const dump = await prepareDump(db);
	const [kept, ended, orphaned, later] = [await linked(), await linked(), await linked(), await linked()];
	await db.execute(sql`delete from m_product where id = ${orphaned.internalId}::bigint`);
	await unlinkRecords(db, { ...operator, entity: 'product', linkId: ended.linkId });
	expect(untold(await dump())).toBeNull();

	await db.execute(
		sql`select cm_snapshot_links('product', 'c_channel_map_product', 'm_product_id', 'external_product_id')`
	);
	await db.execute(
		sql`delete from sync_decision where id < (select min(id) from sync_decision where action = 'snapshot')`
	);
	await db.execute(sql`delete from m_product where id = ${later.internalId}::bigint`);
	expect(untold(await dump())).toBeNull();

	await db.execute(sql`update c_channel_map_product set status = 'in-sync' where id = ${kept.linkId}::bigint`);
	expect(untold(await dump()), 'a state that nothing explains').toContain(`product ${kept.linkId}`);
});
