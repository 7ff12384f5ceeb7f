import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { product } from '#src/entities/product/index.ts';
import { excludeRecord } from '#src/mappings/exclude-record.ts';
import { inboxCounts } from '#src/mappings/inbox-counts.ts';
import { causeLinks, failedCreates, listProblems, problemGroups, troubledNow } from '#src/mappings/list-problems.ts';
import { previewBulkJob } from '#src/mappings/preview-bulk-job.ts';
import { openProblems } from '#src/mappings/problem-hours.ts';
import { sharedProblemGroups } from '#src/mappings/shared-problem-groups.ts';
import { keepProblemHour } from '#src/store/problem-hours.ts';
import { testDatabase } from './database.ts';
import { aChannel, aProduct, linking, operator } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

let channelId: string;
const { linked } = linking(db, () => channelId);

test('a cause knows its links and creates; an excluded create leaves; the hour keeps how much waits', async () => {
	channelId = await aChannel(db);
	const problem = JSON.stringify({ kind: 'rejected', message: 'no', hint: 'look' });
	for (const status of ['failed', 'quarantined', 'orphan']) {
		const { linkId } = await linked();
		await db.execute(
			sql`update c_channel_map_product set status = ${status}, problem = ${problem}::text::jsonb where id = ${linkId}::bigint`
		);
	}
	const internalId = await aProduct(db, 'NEW-1');
	await db.execute(sql`
		insert into sync_intent (c_channel_id, entity, internal_id, reference, fields, internal_rev, state, problem)
		values (${channelId}::bigint, 'product', ${internalId}::bigint, 'ref', '{}', '1', 'problem', ${problem}::text::jsonb)`);
	const at = { channelId, kind: 'rejected' };
	const [cause] = await causeLinks(db, at);
	expect(cause).toMatchObject({ entity: 'product', retryable: 2, missing: 1 });
	const selection = { status: 'orphan', q: '', cause: 'rejected', uptoId: cause?.newestId ?? '', exceptIds: [] };
	expect((await previewBulkJob(db, { entity: product, channelId, kind: 'unlink', selection })).links).toBe(1);
	expect(await problemGroups(db, {})).toMatchObject([{ problems: 4, retryable: 2, missing: 1, creates: 1 }]);
	expect(await failedCreates(db, at)).toEqual([{ entity: 'product', internalId }]);

	await keepProblemHour(db);
	await keepProblemHour(db);
	expect(await openProblems(db, { channelId })).toMatchObject({
		hours: [{ problems: 4, conflicts: 0 }],
		days: [{ channelId, problems: 4, conflicts: 0 }]
	});

	await excludeRecord(db, { channelId, entity: 'product', internalId, reason: 'not there', ...operator });
	expect(await failedCreates(db, at)).toEqual([]);
	expect((await inboxCounts(db)).problems).toBe(3);
});

test('who looks within two seconds shares one count, until a problem comes or goes', async () => {
	channelId = await aChannel(db, 'Shared');
	const fail = async (message: string, linkId: string) => {
		const problem = JSON.stringify({ kind: 'rejected', message, hint: 'look' });
		await db.execute(
			sql`update c_channel_map_product set status = 'failed', problem = ${problem}::text::jsonb where id = ${linkId}::bigint`
		);
	};
	let now = 0;
	const shared = sharedProblemGroups({ db, nowMs: () => now });
	const look = async () => shared.of({ channelId, troubled: await troubledNow(db) });
	expect(await look()).toEqual([]);
	const { linkId } = await linked();
	await fail('no', linkId);
	const first = await look();
	expect(first).toMatchObject([{ problems: 1, message: 'no' }]);
	expect(first).toEqual(await problemGroups(db, { channelId }));
	await fail('not at all', linkId);
	now = 2_000;
	expect(await look()).toBe(first);
	expect(await shared.of({ channelId: null, troubled: await troubledNow(db) })).not.toEqual(first);
	now = 2_001;
	expect(await look()).toMatchObject([{ problems: 1, message: 'not at all' }]);

	// One comes while another goes: as many as before, and not the same.
	const { linkId: other } = await linked();
	await fail('later', other);
	await db.execute(
		sql`update c_channel_map_product set status = 'in-sync', problem = null where id = ${linkId}::bigint`
	);
	expect(await look()).toMatchObject([{ problems: 1, message: 'later' }]);
	const troubled = await troubledNow(db);
	expect((await listProblems(db, { channelId, troubled })).rows).toEqual((await listProblems(db, { channelId })).rows);
	await db.execute(
		sql`update c_channel_map_product set status = 'in-sync', problem = null where id = ${other}::bigint`
	);
	expect(await look()).toEqual([]);
});

test('what could not be counted is asked for anew', async () => {
	let fails = true;
	const execute = (query: Parameters<typeof db.execute>[0]) =>
		fails ? Promise.reject(new Error('gone')) : db.execute(query);
	const shared = sharedProblemGroups({ db: { execute } as unknown as typeof db, nowMs: () => 0 });
	const troubled = { there: new Set(['product failed']), mark: '1' };
	await expect(shared.of({ channelId: null, troubled })).rejects.toThrow('gone');
	fails = false;
	expect(await shared.of({ channelId: null, troubled })).toEqual(await problemGroups(db, {}));
});
