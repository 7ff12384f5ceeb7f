import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { referencesShown } from '#src/mappings/reference-names.ts';
import { testDatabase } from './database.ts';
import { aChannel } from './people.ts';

const { db, close } = await testDatabase();
afterAll(close);

test('what a reference points to is called by code and name and leads to its page; what is not known stays an id', async () => {
	const channelId = await aChannel(db);
	const other = await aChannel(db, 'Shop');
	const [category] = await db.execute<{ id: string }>(
		sql`insert into m_product_category (value, name) values ('SHOES', 'Shoes') returning id::text as id`
	);
	const id = category?.id ?? '';
	for (const external of ['C7', 'C8'])
		await db.execute(sql`
			insert into c_channel_record (c_channel_id, entity, external_id, fields)
			values (${channelId}::bigint, 'product-category', ${external}, '{"value": "SCH", "name": "Schuhe"}')`);
	const [link] = await db.execute<{ id: string }>(sql`
		insert into c_channel_map_product_category (c_channel_id, m_product_category_id, external_category_id)
		values (${channelId}::bigint, ${id}::bigint, 'C7') returning id::text as id`);

	const at = (side: 'internal' | 'external', value: string | null, channel = channelId, field = 'category') => {
		return { entity: 'product', field, side, channelId: channel, value };
	};
	const values = [
		at('internal', id),
		at('internal', '999'),
		at('external', 'C7'),
		at('external', 'C8'),
		at('external', 'C7', other),
		at('internal', null),
		at('internal', id, channelId, 'name')
	];
	const { nameOf, pageOf } = await referencesShown(db, values);
	expect(values.map((value) => [nameOf(value), pageOf(value)])).toEqual([
		['SHOES Shoes', `/records/product-category/${id}`],
		['999', null],
		['SCH Schuhe', `/links/product-category/${link?.id}`],
		['SCH Schuhe', null],
		['C7', null],
		[null, null],
		[id, null]
	]);
});
