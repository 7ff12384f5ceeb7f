import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SourceDescriptor } from '#src/entities/record-source.ts';
import { check } from '#src/source/check.ts';
import { entityOf } from '#src/source/descriptor.ts';
import { readHostFacts } from '#src/source/host-facts.ts';
import { entityIn } from '#src/store/custom-fields.ts';
import { followRename } from '#src/store/follow-rename.ts';
import { articles, hostDatabase, linkedArticle, type Channel, type Host } from './host-articles.ts';

let host: Host;
let erp: Channel;
beforeAll(async () => {
	host = await hostDatabase();
	erp = await host.world.addChannel('ERP');
});
afterAll(() => host.close());

const found = async (source: SourceDescriptor, result: 'wrong' | 'note' = 'wrong') =>
	check(entityOf(source), source, await readHostFacts(host.db, entityOf(source), source))
		.filter((finding) => finding.result === result)
		.map(({ what, detail }) => `${what}: ${detail}`);

describe('a plan', () => {
	it('is refused where it would hide records of ours, and changes nothing then', async () => {
		await host.db.execute(sql`insert into m_product (value, name) values ('OURS', 'Ours')`);
		await expect(host.plan(articles())).rejects.toThrow('m_product holds records of its own');
		await host.db.execute(sql`delete from m_product`);
		const [row] = await host.db.execute(sql`select relkind from pg_class where oid = 'm_product'::regclass`);
		expect(row).toEqual({ relkind: 'r' });
	});

	it.each([
		['sku', 'host.articles.sku is character varying: the key must be a whole number'],
		['clicks', 'host.articles.clicks is not unique: the key must be'],
		['nr', 'host.articles.nr is not there: the key must be a whole number']
	])('is refused for the key %s', async (key, why) => {
		await expect(host.plan(articles({ key }))).rejects.toThrow(why);
	});

	it('can be taken back and run again: links carry on', async () => {
		await host.plan(articles());
		const { no, externalId, linkId } = await linkedArticle(host, erp, 'AGAIN');
		await host.undo(articles());
		await host.db.execute(sql`alter table m_product add column of_an_upgrade text`);
		await host.plan(articles({ version: 'xmin' }));
		await host.sql`UPDATE host.articles SET list_price = 5 WHERE article_no = ${no}`;
		await erp.run('full');
		expect(erp.memory.record('product', externalId)?.fields['price']).toBe('5.00');
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync' });
		await host.sql`CREATE TABLE host.others (LIKE host.articles INCLUDING ALL)`;
		await expect(host.plan(articles({ relation: 'host.others' }))).rejects.toThrow(
			'links to records of another relation'
		);
	});
});

describe('a check', () => {
	beforeEach(() => host.plan(articles()));

	it('finds nothing wrong after the plan', async () => {
		expect(await found(articles())).toEqual([]);
	});

	it.each([
		[{ relation: 'host.nothing' }, ['host.nothing: is not there']],
		[{ key: 'clicks' }, ['key clicks: is not unique']],
		[{ key: 'sku' }, ['key sku: is character varying']],
		[{ updatedAt: 'at' }, ['updatedAt at: there is no such column']],
		[{ version: { rev: 'version' } }, ['version version: there is no such column']],
		[{ write: { function: 'host.stamp' } }, ['function host.stamp(bigint, jsonb): is not there']]
	])('finds what is wrong with %j', async (changes, wrong) => {
		const result = await found(articles(changes));
		expect(result).toEqual(expect.arrayContaining(wrong));
	});

	it('finds columns that are not there, do not fit, or may be empty', async () => {
		const fields = { value: 'sku', name: 'web_text', price: 'title', weight: 'kilos', is_active: 'on_sale' };
		expect(await found(articles({ fields }))).toEqual([
			'name from web_text: may be empty',
			'price from title: is character varying, not numeric',
			'weight from kilos: there is no such column',
			'view m_product: was made from another descriptor'
		]);
	});

	it('finds a view, or triggers, that are not what the plan made', async () => {
		await host.sql`ALTER TABLE host.articles DISABLE TRIGGER cm_source_update_m_product`;
		await host.sql`DROP TRIGGER cm_source_delete_m_product ON host.articles`;
		expect(await found(articles())).toEqual([
			'trigger cm_source_update_m_product: is missing on host.articles, or off',
			'trigger cm_source_delete_m_product: is missing on host.articles, or off'
		]);
		await host.sql`DROP TRIGGER cm_source_write ON m_product`;
		const [{ view } = { view: '' }] = await host.sql<
			{ view: string }[]
		>`SELECT pg_get_viewdef('m_product'::regclass) AS view`;
		await host.sql.unsafe(`CREATE OR REPLACE VIEW m_product AS ${view.replace("'EUR'", "'USD'")}`);
		expect(await found(articles())).toEqual(['view m_product: is not what the plan made']);
	});

	it('says how late changes are found without triggers', async () => {
		await host.plan(articles({ changes: 'sweep' }));
		expect(await found(articles({ changes: 'sweep' }), 'note')).toEqual([
			'changes: a change is found within 24 hours, by the daily sweep'
		]);
	});
});

it('prices of articles are called after them, and follow when they are renamed', async () => {
	await host.plan(articles());
	const no = await host.article('CALLED');
	const [price] = await host.db.execute<{ id: string; value: string }>(sql`
		with list as (insert into m_pricelist (value, name) values ('RETAIL', 'Retail') returning id)
		insert into m_productprice (m_product_id, m_pricelist_id, price) select ${no}::bigint, list.id, 1 from list returning id::text as id, value`);
	expect(price?.value).toMatch(/^CALLED @ /);
	await host.sql`UPDATE host.articles SET sku = 'RENAMED' WHERE article_no = ${no}`;
	while (await followRename(host.db)) continue;
	const [row] = await host.db.execute(sql`select value from m_productprice where id = ${price?.id}::bigint`);
	expect(row).toEqual({ value: (price?.value ?? '').replace('CALLED', 'RENAMED') });
});

describe('rights', () => {
	const role = `cm_role_${randomBytes(4).toString('hex')}`;
	beforeAll(async () => {
		await host.plan(articles());
		await host.sql.unsafe(`CREATE ROLE ${role}`);
	});
	afterAll(async () => {
		await host.sql.unsafe(`DROP OWNED BY ${role}`);
		await host.sql.unsafe(`DROP ROLE ${role}`);
	});
	const as = async (statement: string) => {
		await host.sql.begin(async (tx) => {
			await tx.unsafe(`SET LOCAL ROLE ${role}`);
			await tx.unsafe(statement);
		});
	};

	it('of the engine end at the view: it writes articles without any right on their table', async () => {
		await host.sql.unsafe(`GRANT SELECT, INSERT, UPDATE ON m_product TO ${role}`);
		const no = await host.article('RIGHTS');
		const entity = await entityIn(host.db, 'product');
		const written = await host.db.transaction(async (tx) => {
			await tx.execute(sql.raw(`set local role ${role}`));
			const [record] = (await entity?.store.read(tx, [no])) ?? [];
			return entity?.store.compareAndSet(tx, [{ id: no, rev: record?.rev ?? '', fields: { price: '7' }, changed: {} }]);
		});
		expect(written?.has(no)).toBe(true);
		expect(await host.row(no)).toMatchObject({ price: '7.00' });
		await expect(as(`UPDATE host.articles SET list_price = 1`)).rejects.toThrow('permission denied');
	});

	it('of the application end at its tables, and its statements never fail because of us', async () => {
		await host.sql.unsafe(`REVOKE ALL ON m_product FROM ${role}; GRANT USAGE ON SCHEMA host TO ${role};
			GRANT SELECT, UPDATE, DELETE ON host.articles TO ${role}`);
		const no = await host.article('ITS-OWN');
		const hints = async () => {
			const rows = await host.sql`DELETE FROM sync_outbox WHERE record_id = ${no} RETURNING operation`;
			return rows.map(({ operation }) => operation as string);
		};
		await hints();
		await as(`UPDATE host.articles SET list_price = 2 WHERE article_no = ${no}`);
		await as(`UPDATE host.articles SET clicks = clicks + 1 WHERE article_no = ${no}`);
		expect(await hints()).toEqual(['upsert']);
		await host.sql`ALTER TABLE sync_unlinked_internal RENAME TO broken`;
		await as(`DELETE FROM host.articles WHERE article_no = ${no}`);
		await host.sql`ALTER TABLE broken RENAME TO sync_unlinked_internal`;
		expect(await hints()).toEqual(['delete']);
		await host.sql`DELETE FROM sync_unlinked_internal WHERE internal_id = ${no}`;
	});

	it('of nobody reach beyond whole tables: thousands of rows in one statement are told of', async () => {
		await host.sql`INSERT INTO host.articles (sku, title, list_price) SELECT 'MANY-' || n, 'Many', 1 FROM generate_series(1, 2500) n`;
		await host.sql`DELETE FROM sync_outbox`;
		await host.sql`UPDATE host.articles SET title = 'Many more' WHERE sku LIKE 'MANY-%'`;
		await host.sql`TRUNCATE host.articles`;
		const rows =
			await host.sql`SELECT operation, count(*)::int AS n FROM sync_outbox WHERE rev >= 0 GROUP BY 1 ORDER BY 1`;
		expect(rows.find(({ operation }) => operation === 'upsert')).toMatchObject({ n: 2500 });
		expect(rows.find(({ operation }) => operation === 'delete')?.['n']).toBeGreaterThanOrEqual(2500);
		const left = await host.sql`SELECT 1 FROM sync_unlinked_internal WHERE entity = 'product'`;
		expect(left).toHaveLength(0);
	});
});
