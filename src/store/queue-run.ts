import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';

export type QueueRunInput = {
	channelId: string;
	entity: string;
	mode: string;
	startedBy: string;
	linkIds: readonly string[] | null;
	/** For `apply`: the preview whose plan is carried out. */
	planId?: string;
};

/**
 * Stores a queued run. A run of the same channel, entity and mode that still waits is returned instead, but for `records`;
 * for a plan, a run that carried it out or is about to.
 */
export async function queueRun(db: Db, input: QueueRunInput): Promise<{ runId: string; fresh: boolean }> {
	return db.transaction(async (tx) => {
		if (input.linkIds === null) {
			await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`queue-run ${input.channelId} ${input.entity}`}))`);
			const same = input.planId
				? sql`plan_id = ${input.planId}::bigint and state not in ('failed', 'cancelled')`
				: sql`c_channel_id = ${input.channelId}::bigint and entity = ${input.entity} and mode = ${input.mode} and state = 'queued'`;
			const [waiting] = await tx.execute<{ id: string }>(
				sql`select id::text as id from sync_run where ${same} order by sync_run.id limit 1`
			);
			if (waiting) return { runId: waiting.id, fresh: false };
		}
		const [row] = await tx.execute<{ id: string }>(sql`
			insert into sync_run (c_channel_id, entity, mode, started_by, link_ids, plan_id)
			values (${input.channelId}::bigint, ${input.entity}, ${input.mode}, ${input.startedBy},
				${input.linkIds === null ? null : JSON.stringify(input.linkIds)}::text::jsonb, ${input.planId ?? null}::bigint)
			returning id::text as id`);
		if (!row) throw new Error('sync_run: insert returned no row');
		return { runId: row.id, fresh: true };
	});
}
