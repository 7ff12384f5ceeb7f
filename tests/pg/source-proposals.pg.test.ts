import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRecord } from '#src/mappings/create-record.ts';
import { resolveConflicts } from '#src/mappings/resolve-conflicts.ts';
import { saveRecord } from '#src/mappings/save-record.ts';
import { mendUnlinked } from '#src/store/mend-unlinked.ts';
import { articles, asTheirs, hostDatabase, linkedArticle, type Channel, type Host } from './host-articles.ts';
import { operator } from './people.ts';

describe('articles that are not written from here', () => {
	let host: Host;
	let erp: Channel;
	beforeAll(async () => {
		host = await hostDatabase();
		erp = await host.world.addChannel('ERP', { autoCreateInternal: true, policy: { conflict: 'external-wins' } });
		await host.plan(articles({ write: 'none' }));
	});
	afterAll(() => host.close());

	const open = async () => (await erp.conflicts()).filter(({ state }) => state === 'open');
	const everything = async () => ({
		rows: await host.sql`SELECT xmin::text, a.* FROM host.articles a ORDER BY article_no`,
		theirs: erp.memory.writes().length,
		links: await erp.links(),
		conflicts: await erp.conflicts(),
		journal: await erp.journal()
	});

	it('turn what the channel changes into a proposal: listed once, never written, never tried again by itself', async () => {
		const { no, externalId, linkId } = await linkedArticle(host, erp, 'PROPOSED');
		erp.memory.edit('product', externalId, { price: '90' });
		await erp.run();
		expect(await host.row(no)).toMatchObject({ price: '100.00' });
		expect(await open()).toMatchObject([
			{ field: 'price', external: '90.00', internal: '100.00', rule: 'ask: kept-elsewhere' }
		]);
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'conflict' });
		const before = await everything();
		for (const mode of ['incremental', 'full', 'full'] as const) await erp.run(mode);
		expect(await everything()).toEqual(before);
		// What the application takes over by itself settles it.
		await host.sql`UPDATE host.articles SET list_price = 90 WHERE article_no = ${no}`;
		await erp.run();
		expect(await open()).toEqual([]);
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync' });
	});

	it('are sent to the channel where a person says so, and cannot be overwritten by one', async () => {
		const { no, externalId, linkId } = await linkedArticle(host, erp, 'SETTLED');
		erp.memory.edit('product', externalId, { price: '90', name: 'Their name' });
		await host.sql`UPDATE host.articles SET on_sale = false WHERE article_no = ${no}`;
		await erp.run();
		expect(erp.memory.record('product', externalId)?.fields).toMatchObject({ price: '90.00', is_active: false });
		const link = await erp.linkState(linkId);
		const seen = { internalRev: link?.internalVersion ?? '', externalVersion: link?.externalVersion ?? '' };
		const settle = (choices: Record<string, 'internal' | 'external'>) =>
			resolveConflicts(host.db, { entity: 'product', linkId, choices, ...seen, ...operator });
		expect(await settle({ price: 'external' })).toMatchObject({
			ok: false,
			kind: 'not-allowed',
			message: 'Price is kept in host.articles and is not written from here.'
		});
		expect(await settle({ price: 'internal', name: 'internal' })).toMatchObject({ ok: true, resolved: 2 });
		await erp.run();
		expect(erp.memory.record('product', externalId)?.fields).toMatchObject({ price: '100.00', name: 'Tent' });
		expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync' });
	});

	it('are not made from here, neither by the engine nor by a person, nor changed by one', async () => {
		erp.memory.add('product', { ...asTheirs, value: 'NEW-THERE' });
		const run = await erp.run();
		expect(run.state).toBe('succeeded');
		expect(await host.sql`SELECT 1 FROM host.articles WHERE sku = 'NEW-THERE'`).toHaveLength(0);
		const fields = { value: 'NEW', name: 'New', is_active: true };
		expect(await createRecord(host.db, { entity: 'product', fields, ...operator })).toMatchObject({ ok: false });
		const no = await host.article('HELD');
		const [{ rev } = { rev: '' }] = await host.db.execute<{ rev: string }>(
			sql`select rev::text as rev from m_product where id = ${no}::bigint`
		);
		const edit = { entity: 'product', id: no, rev, fields: { name: 'Edited' }, ...operator };
		expect(await saveRecord(host.db, edit)).toMatchObject({ ok: false });
		expect(await host.row(no)).toMatchObject({ title: 'Tent' });
	});
});

describe('articles of which one column is not written', () => {
	let host: Host;
	let erp: Channel;
	beforeAll(async () => {
		host = await hostDatabase();
		erp = await host.world.addChannel('ERP', { autoCreateInternal: true });
		await host.plan(articles({ write: { function: 'host.save_article' } }));
	});
	afterAll(() => host.close());

	it('take the others over through the function of the application, and propose that one', async () => {
		const { no, externalId } = await linkedArticle(host, erp, 'PART');
		erp.memory.edit('product', externalId, { price: '90', description: 'Light' });
		await erp.run();
		expect(await host.row(no)).toMatchObject({ price: '90.00' });
		expect(await erp.conflicts()).toMatchObject([{ field: 'description', state: 'open', external: 'Light' }]);
	});

	it('set one link aside in the words of that function', async () => {
		const { no, externalId, linkId } = await linkedArticle(host, erp, 'WORDS');
		erp.memory.edit('product', externalId, { name: 'Bad' });
		await erp.run();
		expect((await erp.linkState(linkId))?.problem).toMatchObject({ message: 'We do not sell bad things.' });
		expect(await host.row(no)).toMatchObject({ title: 'Tent' });
	});

	it('are made by it from new records of the channel, linked in the same moment', async () => {
		erp.memory.add('product', { ...asTheirs, value: 'MADE' });
		await erp.run();
		const [made] = await host.sql<{ no: number }[]>`SELECT article_no AS no FROM host.articles WHERE sku = 'MADE'`;
		const links = await erp.links();
		expect(links.filter(({ internalId }) => internalId === String(made?.no))).toMatchObject([{ status: 'in-sync' }]);
	});
});

describe('articles without triggers', () => {
	let host: Host;
	let erp: Channel;
	beforeAll(async () => {
		host = await hostDatabase();
		erp = await host.world.addChannel('ERP');
		await host.plan(articles({ changes: 'sweep' }));
	});
	afterAll(() => host.close());

	it('are found by the sweep: what was changed, what was deleted, and what is new', async () => {
		const triggers = await host.sql`SELECT tgname FROM pg_trigger WHERE tgrelid = 'host.articles'::regclass`;
		expect(triggers.map(({ tgname }) => tgname)).toEqual(['stamp']);
		const changed = await linkedArticle(host, erp, 'CHANGED');
		const deleted = await linkedArticle(host, erp, 'DELETED');
		await host.sql`UPDATE host.articles SET list_price = 50 WHERE article_no = ${changed.no}`;
		await host.sql`DELETE FROM host.articles WHERE article_no = ${deleted.no}`;
		await erp.run();
		expect(erp.memory.record('product', changed.externalId)?.fields['price']).toBe('100.00');
		await erp.run('full');
		expect(erp.memory.record('product', changed.externalId)?.fields['price']).toBe('50.00');
		expect(await erp.linkState(deleted.linkId)).toMatchObject({ status: 'orphan' });
		await host.article('FRESH');
		erp.memory.add('product', { ...asTheirs, value: 'FRESH' });
		await mendUnlinked(host.db);
		await erp.run();
		expect(await erp.suggestions()).toHaveLength(1);
		await host.sql`INSERT INTO host.articles (article_no, sku, title, list_price) VALUES (${deleted.no}, 'DELETED', 'Tent', 100)`;
		await erp.run('full');
		expect(await erp.linkState(deleted.linkId)).toMatchObject({ status: 'in-sync' });
	});
});
