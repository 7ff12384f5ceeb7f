import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { undoableDays } from './bulk/bulk-job.ts';
import { pastedDays } from './pasted/paste-list.ts';

const rowsAtOnce = 5000;
/** Each may have thousands of entries. */
const pastedListsAtOnce = 100;

/**
 * Removes what nobody looks at any more, a bounded piece a call: runs without a single item after a day, every run
 * after 30 days, bulk jobs once they can no longer be undone, pasted lists after 30 days, ended holds' ceilings after two. Links, conflicts, journal and
 * audit are kept.
 */
export async function forgetOldRuns(db: Db, _input: Record<string, never>): Promise<void> {
	await db.execute(sql`
		delete from sync_run where id in (
			select r.id from sync_run r where r.state not in ('queued', 'running') and (
				r.queued_at < now() - interval '30 days'
				or (r.queued_at < now() - interval '1 day' and r.started_by in ('schedule', 'webhook') and r.state = 'succeeded'
					and not exists (select 1 from sync_item i where i.run_id = r.id))
			) order by r.id limit ${rowsAtOnce})`);
	await db.execute(sql`
		delete from sync_bulk_job where id in (
			select j.id from sync_bulk_job j where j.state not in ('queued', 'running') and j.queued_at < now() - make_interval(days => ${undoableDays})
			order by j.id limit ${rowsAtOnce})`);
	await db.execute(sql`
		delete from sync_pasted_list where id in (
			select l.id from sync_pasted_list l where l.created_at < now() - make_interval(days => ${pastedDays}) order by l.created_at limit ${pastedListsAtOnce})`);
	await db.execute(sql`delete from sync_ceiling where hour < now() - interval '2 days'`);
}
