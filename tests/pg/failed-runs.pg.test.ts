import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { failedRuns } from '#src/mappings/failed-runs.ts';
import { countWaiting, inboxCounts } from '#src/mappings/inbox-counts.ts';
import { withLinked } from '#src/mappings/linked-runs.ts';
import { testDatabase } from './database.ts';
import { aChannel, linking } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

/** A run that is at this state, or came to this end. */
async function aRunAt(channelId: string, entity: string, state: string, kind?: string): Promise<string> {
	const problem = kind ? JSON.stringify({ kind, message: `It is ${kind}`, hint: 'Look there.' }) : null;
	const [row] = await db.execute<{ id: string }>(sql`
		insert into sync_run (c_channel_id, entity, mode, started_by, state, attempt, problem, ended_at)
		values (${channelId}::bigint, ${entity}, 'incremental', 'test', ${state}, 1, ${problem}::text::jsonb,
			case when ${state}::text in ('queued', 'running') then null else now() end) returning id::text as id`);
	return row?.id ?? '';
}

test('a last run that failed waits in the inbox until one gets through, whatever it failed of', async () => {
	const [erp, shop] = [await aChannel(db, 'ERP'), await aChannel(db, 'Shop')];
	const of = (channelId: string | null) => failedRuns(db, { channelId });
	const problems = async (channelId: string | null) => (await inboxCounts(db, { channelId })).problems;
	expect(await of(null)).toEqual([]);

	await aRunAt(erp, 'product', 'succeeded');
	await aRunAt(erp, 'product', 'failed', 'invalid-reply');
	const runId = await aRunAt(erp, 'business-partner', 'failed', 'invalid-reply');
	const box = { channelId: erp, entities: ['business-partner', 'product'], runId, kind: 'invalid-reply' };
	expect(await of(null)).toMatchObject([{ ...box, message: 'It is invalid-reply', hint: 'Look there.' }]);
	expect([await problems(null), await problems(erp), await problems(shop)]).toEqual([1, 1, 0]);
	expect(await countWaiting(db, 1000)).toBe(1);
	expect(await of(shop)).toEqual([]);
	expect(await of('no id')).toEqual([]);

	// What is under way, was stopped or broken off says nothing about the channel.
	await aRunAt(erp, 'product', 'cancelled', 'stopped');
	await aRunAt(erp, 'product', 'failed', 'interrupted');
	const running = await aRunAt(erp, 'product', 'running');
	expect(await of(erp)).toMatchObject([box]);
	await db.execute(
		sql`update sync_run set state = 'failed', ended_at = now(), problem = ${JSON.stringify({
			kind: 'misconfigured',
			message: 'No such field',
			hint: 'Name it.'
		})}::text::jsonb where id = ${running}::bigint`
	);
	expect(await of(erp)).toMatchObject([
		{ entities: ['product'], kind: 'misconfigured', runId: running },
		{ entities: ['business-partner'], kind: 'invalid-reply', runId }
	]);
	expect(await problems(erp)).toBe(2);

	// The channel as a whole says it once; paused, nothing waits.
	const problem = JSON.stringify({ kind: 'unreachable', message: 'm', hint: 'h', at: '2026-01-01T00:00:00.000000Z' });
	await db.execute(sql`update c_channel set problem = ${problem}::text::jsonb where id = ${erp}::bigint`);
	expect([await of(erp), await problems(erp)]).toEqual([[], 1]);
	await db.execute(sql`update c_channel set problem = null, paused_at = now() where id = ${erp}::bigint`);
	expect([await of(erp), await problems(erp)]).toEqual([[], 0]);
	await db.execute(sql`update c_channel set paused_at = null where id = ${erp}::bigint`);

	await aRunAt(erp, 'product', 'partial');
	await aRunAt(erp, 'business-partner', 'succeeded');
	expect([await of(erp), await problems(erp)]).toEqual([[], 0]);
});

test('each number of the inbox is that of the channel that was chosen', async () => {
	const [one, other] = [await aChannel(db, 'One'), await aChannel(db, 'Other')];
	const fill = async (channelId: string, times: number) => {
		await db.execute(sql`
			insert into c_channel_suggestion (c_channel_id, entity, internal_id, external_id, score, evidence)
			select ${channelId}::bigint, 'product', n, 'x' || n, 60, '[]' from generate_series(1, ${times}::int) n`);
		await db.execute(sql`
			insert into sync_hold (c_channel_id, entity, kind, waiting, "limit") values (${channelId}::bigint, 'product', 'creates', 2, 1)`);
		await db.execute(sql`
			insert into sync_awaiting (c_channel_id, entity, owner, owner_id, field, to_entity, side, ref_id, problem)
			select ${channelId}::bigint, 'product', 'link', n, 'category', 'product-category', 'external', 'c' || n % 2, '{}'
			from generate_series(1, ${times}::int) n`);
	};
	await fill(one, 3);
	await fill(other, 4);
	expect(await inboxCounts(db, { channelId: one })).toMatchObject({
		suggestions: 3,
		held: 1,
		conflicts: 0,
		awaiting: 2
	});
	expect(await inboxCounts(db, { channelId: other })).toMatchObject({ suggestions: 4, held: 1 });
	expect(await inboxCounts(db)).toMatchObject({ suggestions: 7, held: 2, awaiting: 4 });
	expect(await inboxCounts(db, { channelId: 'none' })).toMatchObject({ suggestions: 0, held: 0 });
});

test('a run says whether its kind of record has a link at its channel', async () => {
	const [one, other] = [await aChannel(db, 'With links'), await aChannel(db, 'Without')];
	await linking(db, () => one).linked();
	const runs = [
		{ channelId: one, entity: 'product' },
		{ channelId: one, entity: 'business-partner' },
		{ channelId: other, entity: 'product' }
	];
	expect((await withLinked(db, runs)).map(({ linked }) => linked)).toEqual([true, false, false]);
	expect(await withLinked(db, [])).toEqual([]);
});
