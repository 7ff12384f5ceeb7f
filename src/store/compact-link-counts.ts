import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { retrying } from './transaction.ts';

/**
 * Replaces the appended differences of the link counts by their sums, and those of the counts of open conflicts and of
 * suggestions. Safe beside writers; two take turns. Returns rows of the link counts replaced.
 */
export async function compactLinkCounts(db: Db, _input: Record<string, never> = {}): Promise<number> {
	return retrying(db, async (tx) => {
		await tx.execute(sql`select pg_advisory_xact_lock(hashtext('compact link counts'))`);
		const [row] = await tx.execute<{ replaced: number }>(sql`
			with gone as (delete from sync_link_count returning c_channel_id, entity, status, links),
			kept as (
				insert into sync_link_count (c_channel_id, entity, status, links)
				select c_channel_id, entity, status, sum(links) from gone group by 1, 2, 3 having sum(links) <> 0
			)
			select count(*)::int as replaced from gone`);
		await tx.execute(sql`
			with gone as (delete from sync_conflict_count returning c_channel_id, entity, field, rule, conflicts),
			suggested as (delete from sync_suggestion_count returning c_channel_id, entity, suggestions),
			kept as (
				insert into sync_suggestion_count (c_channel_id, entity, suggestions)
				select c_channel_id, entity, sum(suggestions) from suggested group by 1, 2 having sum(suggestions) <> 0
			)
			insert into sync_conflict_count (c_channel_id, entity, field, rule, conflicts)
			select c_channel_id, entity, field, rule, sum(conflicts) from gone group by 1, 2, 3, 4 having sum(conflicts) <> 0`);
		return row?.replaced ?? 0;
	});
}
