import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';

/** Figures are kept for so many days. */
export const problemDays = 90;

/**
 * Keeps how much waits for a person at each channel now as this hour's figure, unless it is kept already; forgets those
 * older than 90 days. Any number of processes may do this at once.
 */
export async function keepProblemHour(db: Db): Promise<void> {
	await db.execute(sql`
		insert into sync_problem_hour (c_channel_id, hour, problems, conflicts)
		select c.id, date_trunc('hour', now()), n.problems + i.creates, n.conflicts from c_channel c
		cross join lateral (
			select coalesce(sum(l.links) filter (where l.status in ('failed', 'quarantined', 'orphan')), 0)::int as problems,
				coalesce(sum(l.links) filter (where l.status = 'conflict'), 0)::int as conflicts
			from sync_link_count l where l.c_channel_id = c.id
		) n
		cross join lateral (select count(*)::int as creates from sync_intent t where t.c_channel_id = c.id and t.state = 'problem') i
		where c.deleted_at is null
			and not exists (select 1 from sync_problem_hour h where h.c_channel_id = c.id and h.hour = date_trunc('hour', now()))
		on conflict do nothing`);
	await db.execute(sql`delete from sync_problem_hour where hour < now() - make_interval(days => ${problemDays})`);
}
