import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listLinks } from '#src/mappings/list-links.ts';
import { listRecords } from '#src/mappings/list-records.ts';
import { referencesShown } from '#src/mappings/reference-names.ts';
import { addChannelEntities } from '#src/store/add-channel-entities.ts';
import { addChannel, createApiWorld, json, type ApiWorld } from './api-world.ts';
import { testDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
let world: ApiWorld;
beforeAll(async () => {
	database = await testDatabase();
	world = await createApiWorld(database);
});
afterAll(() => database.close());

it('a parent product is listed, linked through the API, and called by its name where a variant points to it', async () => {
	const { db } = database;
	const channelId = await addChannel(db, 'ERP');
	await addChannelEntities(db, {
		channelId,
		entities: ['product-parent'],
		actor: { name: 'ann@example.org' },
		via: 'command'
	});
	const [parent] = await db.execute<{ id: string }>(
		sql`insert into m_product_parent (value, name) values ('TENT', 'Tent') returning id::text as id`
	);
	const id = parent?.id ?? '';
	await db.execute(sql`insert into m_product (value, name, m_product_parent_id) values ('RED', 'Tent', ${id}::bigint)`);
	await db.execute(sql`
		insert into c_channel_record (c_channel_id, entity, external_id, fields)
		values (${channelId}::bigint, 'product-parent', '12', '{"value": "T", "name": "Tent"}')`);
	const made = await world.request('/v1/mappings/product-parent', {
		method: 'POST',
		json: { channelId, internalId: id, externalId: '12' }
	});
	expect(made.status).toBe(201);
	const { items } = await json(world.request(`/v1/mappings/product-parent?internalId=${id}`));
	expect(items).toMatchObject([{ internalId: id, externalId: '12', value: 'TENT' }]);
	expect((await listLinks(db, { channelId, entity: 'product-parent' })).rows).toMatchObject([{ internalId: id }]);
	expect((await listRecords(db, { entity: 'product-parent' })).rows).toMatchObject([{ id, value: 'TENT' }]);
	const shown = { entity: 'product', field: 'parent', side: 'internal' as const, channelId, value: id };
	const { nameOf, pageOf } = await referencesShown(db, [shown]);
	expect([nameOf(shown), pageOf(shown)]).toEqual(['TENT Tent', `/records/product-parent/${id}`]);
});
