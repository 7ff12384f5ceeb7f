import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../tests/pg/database.ts';
import { product } from './product/index.ts';

const database = await testDatabase();
afterAll(database.close);

test('records come in the order of their ids as numbers, so that a page after another leaves none out', async () => {
	await database.db.execute(sql`
		insert into m_product (value, name, gtin) select 'P' || n, 'Product', 'same' from generate_series(1, 12) n`);
	await database.db.transaction(async (tx) => {
		const seen: string[] = [];
		for (let after = '0'; ;) {
			const page = await product.store.scan(tx, after, 5);
			seen.push(...page.map(({ id }) => id));
			if (page.length === 0) break;
			after = page.at(-1)?.id ?? '';
		}
		expect(seen).toEqual(Array.from({ length: 12 }, (_, at) => String(at + 1)));
		expect((await product.store.findByCode(tx, 'gtin', ['same'])).map(({ id }) => id)).toEqual(seen.slice(0, 5));
		expect((await product.store.read(tx, ['10', '9'])).map(({ id }) => id)).toEqual(['9', '10']);
	});
});
