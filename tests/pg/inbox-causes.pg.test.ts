import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { product } from '#src/entities/product/index.ts';
import { excludeRecord } from '#src/mappings/exclude-record.ts';
import { inboxCounts } from '#src/mappings/inbox-counts.ts';
import { causeLinks, failedCreates, problemGroups } from '#src/mappings/list-problems.ts';
import { previewBulkJob } from '#src/mappings/preview-bulk-job.ts';
import { openProblems } from '#src/mappings/problem-hours.ts';
import { keepProblemHour } from '#src/store/problem-hours.ts';
import { testDatabase } from './database.ts';
import { aChannel, aProduct, linking, operator } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

test('a cause knows its links and creates; an excluded create leaves; the hour keeps how much waits', async () => {
	const channelId = await aChannel(db);
	const { linked } = linking(db, () => channelId);
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
