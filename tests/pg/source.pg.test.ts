import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkRecords } from '#src/mappings/link-records.ts';
import { resolveConflicts } from '#src/mappings/resolve-conflicts.ts';
import { restoreRecord } from '#src/mappings/restore-record.ts';
import { entityIn } from '#src/store/custom-fields.ts';
import { articles, asTheirs, hostDatabase, linkedArticle, type Channel, type Host } from './host-articles.ts';
import { operator } from './people.ts';

/** A run of either kind that finds nothing writes nothing on any side. */
async function expectQuiet(host: Host, erp: Channel) {
	const look = async () => ({
		theirs: erp.memory.writes().length,
		links: await erp.links(),
		ours: await host.sql`SELECT xmin::text, a.* FROM host.articles a ORDER BY article_no`
	});
	const before = await look();
	await erp.run();
	await erp.run('full');
	expect(await look()).toEqual(before);
}

describe.each(['content', 'xmin', { rev: 'lock_version' }])(
	'articles of another application, by version %j',
	(version) => {
		let host: Host;
		let erp: Channel;
		beforeAll(async () => {
			host = await hostDatabase();
			erp = await host.world.addChannel('ERP');
			await host.plan(articles({ version }));
		});
		afterAll(() => host.close());

		it('are matched, linked by a person, compared, and then left alone', async () => {
			const no = await host.article('MATCH');
			await host.sql`INSERT INTO host.articles (sku, title, company) VALUES ('MATCH', 'Of another company', 8)`;
			const externalId = erp.memory.add('product', { ...asTheirs, value: 'match' });
			await erp.run();
			expect(await erp.suggestions()).toMatchObject([{ internalId: no, externalId, ambiguous: false }]);
			const pair = { channelId: erp.channelId, entity: 'product', internalId: no, externalId, variantId: '' };
			const linked = await linkRecords(host.db, { ...pair, ...operator });
			expect(linked).toMatchObject({ ok: true });
			await erp.run();
			const [link] = await erp.links();
			// The two spell the SKU differently: that one field waits for a person.
			expect(link).toMatchObject({ internalId: no, status: 'conflict', asked: { value: 'first-contact: ask' } });
			await expectQuiet(host, erp);
		});

		it('send what the application changes, whichever columns of ours it is', async () => {
			const { no, externalId, linkId } = await linkedArticle(host, erp, 'SEND');
			expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync' });
			await host.sql`UPDATE host.articles SET list_price = 89.5, title = 'Tent 2' WHERE article_no = ${no}`;
			await host.sql`UPDATE host.articles SET web_text = 'Light' WHERE article_no = ${no}`;
			await erp.run();
			expect(erp.memory.record('product', externalId)?.fields).toMatchObject({
				price: '89.50',
				name: 'Tent 2',
				description: 'Light'
			});
			await expectQuiet(host, erp);
		});

		it('take what the channel changes, that column only, and do not send it back', async () => {
			const { no, externalId } = await linkedArticle(host, erp, 'TAKE');
			await host.sql`UPDATE host.articles SET clicks = 7 WHERE article_no = ${no}`;
			erp.memory.edit('product', externalId, { price: '95.25' });
			const run = await erp.run();
			expect(run).toMatchObject({ state: 'succeeded', counts: { pulled: 1 } });
			expect(await host.row(no)).toMatchObject({ price: '95.25', title: 'Tent', clicks: 7 });
			await expectQuiet(host, erp);
		});

		it('keep both edits of different fields, and ask where both changed one', async () => {
			const { no, externalId, linkId } = await linkedArticle(host, erp, 'BOTH');
			await host.sql`UPDATE host.articles SET title = 'Ours', list_price = 80 WHERE article_no = ${no}`;
			erp.memory.edit('product', externalId, { price: '70', is_active: false });
			await erp.run();
			expect(await host.row(no)).toMatchObject({ title: 'Ours', price: '80.00' });
			expect(erp.memory.record('product', externalId)?.fields).toMatchObject({ name: 'Ours', price: '70.00' });
			const link = await erp.linkState(linkId);
			expect(link).toMatchObject({ status: 'conflict', asked: { price: 'ask: no-stamp' } });
			const seen = { internalRev: link?.internalVersion ?? '', externalVersion: link?.externalVersion ?? '' };
			const choices = { price: 'external' as const };
			const at = { entity: 'product', linkId, choices, ...seen, ...operator };
			await host.sql`UPDATE host.articles SET title = 'Moved', lock_version = lock_version WHERE article_no = ${no}`;
			expect(await resolveConflicts(host.db, at)).toMatchObject({ ok: false, kind: 'stale' });
			await erp.run();
			const fresh = await erp.linkState(linkId);
			const now = { internalRev: fresh?.internalVersion ?? '', externalVersion: fresh?.externalVersion ?? '' };
			expect(await resolveConflicts(host.db, { ...at, ...now })).toMatchObject({ ok: true, resolved: 1 });
			await erp.run();
			expect(await host.row(no)).toMatchObject({ price: '70.00' });
			await expectQuiet(host, erp);
		});

		it('are orphans once they are deleted, and come back under their number', async () => {
			const { no, externalId, linkId } = await linkedArticle(host, erp, 'GONE');
			await host.sql`DELETE FROM host.articles WHERE article_no = ${no}`;
			expect(await erp.linkState(linkId)).toMatchObject({ status: 'orphan', problem: { kind: 'missing-internal' } });
			await erp.run();
			expect(erp.memory.record('product', externalId)).toBeDefined();
			expect(await restoreRecord(host.db, { entity: 'product', linkId, ...operator })).toMatchObject({ ok: true });
			await erp.run();
			expect(await host.row(no)).toMatchObject({ sku: 'GONE', title: 'Tent', price: '100.00' });
			expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync', problem: null });
		});

		it('are gone while they are archived, and carry on afterwards', async () => {
			const { no, externalId, linkId } = await linkedArticle(host, erp, 'ARCHIVED');
			await host.sql`UPDATE host.articles SET archived_at = now() WHERE article_no = ${no}`;
			expect(await erp.linkState(linkId)).toMatchObject({ status: 'orphan' });
			await erp.run();
			await host.sql`UPDATE host.articles SET archived_at = NULL WHERE article_no = ${no}`;
			await erp.run();
			expect(await erp.linkState(linkId)).toMatchObject({ status: 'in-sync', problem: null });
			erp.memory.edit('product', externalId, { price: '3' });
			await erp.run();
			expect(await host.row(no)).toMatchObject({ price: '3.00' });
		});

		it('set one link aside, in their own words, where the application refuses a value', async () => {
			const bad = await linkedArticle(host, erp, 'REFUSED');
			const good = await linkedArticle(host, erp, 'ACCEPTED');
			erp.memory.edit('product', bad.externalId, { price: '-1' });
			erp.memory.edit('product', good.externalId, { price: '1' });
			const run = await erp.run();
			expect(run.counts).toMatchObject({ failed: 1, pulled: 1 });
			expect(await host.row(good.no)).toMatchObject({ price: '1.00' });
			for (let tries = 1; tries < 5; tries++) {
				await erp.passTime();
				await erp.run();
			}
			const link = await erp.linkState(bad.linkId);
			expect(link).toMatchObject({ status: 'quarantined', problem: { kind: 'rejected' } });
			expect(link?.problem?.message).toContain('list_price_is_sound');
			expect(await host.row(bad.no)).toMatchObject({ price: '100.00' });
			await erp.passTime();
			await expectQuiet(host, erp);
		});

		it('do not count as agreed where the application makes another value of one', async () => {
			const { no, externalId, linkId } = await linkedArticle(host, erp, 'CHANGED');
			erp.memory.edit('product', externalId, { value: 'in-small-letters' });
			await erp.run();
			expect((await erp.linkState(linkId))?.problem?.message).toBe(
				'host.articles: sku became IN-SMALL-LETTERS instead of in-small-letters.'
			);
			expect(await host.row(no)).toMatchObject({ sku: 'CHANGED' });
		});

		it('are never overwritten with what was decided before somebody else changed them', async () => {
			const no = await host.article('RACE');
			const entity = await entityIn(host.db, 'product');
			if (!entity) throw new Error('no product');
			const write = async () => {
				const [record] = await host.db.transaction((tx) => entity.store.read(tx, [no]));
				const rev = record?.rev ?? '';
				return host.db.transaction((tx) =>
					entity.store.compareAndSet(tx, [{ id: no, rev, fields: { price: '5' }, changed: {} }])
				);
			};
			// Theirs is under way: ours waits for its end, and finds another row than it read.
			let ours: Promise<ReadonlyMap<string, string>> | undefined;
			await host.sql.begin(async (theirs) => {
				await theirs`UPDATE host.articles SET list_price = 80 WHERE article_no = ${no}`;
				ours = write();
				await waiting(host, 1);
			});
			expect([...((await ours) ?? [])]).toEqual([]);
			expect(await host.row(no)).toMatchObject({ price: '80.00' });
			// Ours is under way: theirs comes after it, and nothing is lost.
			let later: Promise<unknown> | undefined;
			const written = await host.db.transaction(async (tx) => {
				const [record] = await entity.store.read(tx, [no]);
				const done = await entity.store.compareAndSet(tx, [
					{ id: no, rev: record?.rev ?? '', fields: { price: '5' }, changed: {} }
				]);
				later = host.sql`UPDATE host.articles SET title = 'Later' WHERE article_no = ${no}`.execute();
				await waiting(host, 1);
				return done;
			});
			await later;
			expect(await host.row(no)).toMatchObject({ price: '5.00', title: 'Later' });
			const [record] = await host.db.transaction((tx) => entity.store.read(tx, [no]));
			expect(record?.rev).not.toBe(written.get(no));
		});
	}
);

/** Until so many transactions wait for another one. */
async function waiting(host: Host, count: number) {
	for (let tries = 0; tries < 500; tries++) {
		const [row] = await host.db.execute<{ n: number }>(
			sql`select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
		);
		if (row?.n === count) return;
	}
	throw new Error('nobody waits');
}
