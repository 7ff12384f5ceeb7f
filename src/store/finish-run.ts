import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Outcome } from '#src/sync/outcome.ts';
import type { RunAttempt } from './begin-run.ts';
import { retrying } from './transaction.ts';

/** How many records came to which end. */
export type RunCounts = Readonly<Record<string, number>>;
export type RunProblem = { kind: string; message: string; hint: string };
export type RunEnd = 'succeeded' | 'partial' | 'failed' | 'cancelled' | 'held';

export type FinishRunInput = RunAttempt & {
	state: RunEnd;
	problem: RunProblem | null;
	/** A failure of the whole channel (credentials, reach): shown at the channel until a run gets through. */
	channelProblem: RunProblem | null;
};

/** Ends a run that no other process has taken over: its counts become the sum of its batches; the channel's health follows. */
export async function finishRun(db: Db, input: FinishRunInput): Promise<void> {
	await retrying(db, async (tx) => {
		// A page that is being stored for this run is waited for: its batch is one of those added up.
		const open = await tx.execute(sql`
			select 1 from sync_run where id = ${input.runId}::bigint and attempt = ${input.attempt} and state = 'running' for update`);
		if (open.length === 0) return;
		const [run] = await tx.execute<{ channelId: string; entity: string; counts: RunCounts }>(sql`
			update sync_run r set state = ${input.state}, ended_at = now(), phase = null,
				problem = ${input.problem === null ? null : JSON.stringify(input.problem)}::text::jsonb,
				counts = coalesce((
					select jsonb_object_agg(t.key, t.total) from (
						select n.key, sum(n.value::int) as total from sync_batch b, jsonb_each_text(b.counts) n
						where b.run_id = r.id group by n.key
					) t
				), '{}')
			where r.id = ${input.runId}::bigint
			returning c_channel_id::text as "channelId", entity, counts`);
		if (!run) return;
		const problem = input.channelProblem;
		const failures = problem === null ? sql`0` : wasThere(problem, run.counts) ? sql`1` : sql`failures + 1`;
		await tx.execute(sql`
			update c_channel set problem = ${problem === null ? null : JSON.stringify(problem)}::text::jsonb || jsonb_build_object('at', cm_iso(now()))
			where id = ${run.channelId}::bigint and (problem is not null or ${problem !== null})`);
		await tx.execute(sql`
			update c_channel_entity set failures = ${failures}
			where c_channel_id = ${run.channelId}::bigint and entity = ${run.entity} and (failures > 0 or ${problem !== null})`);
	});
}

/** What only a channel that answers lets happen. */
const answered: readonly Outcome[] = ['in-sync', 'pushed', 'pulled', 'merged', 'created'];

/** Whether the channel broke off a run after something was done: then it is tried again soon, as after a first failure. */
export function wasThere({ kind }: RunProblem, counts: RunCounts): boolean {
	return kind === 'unreachable' && answered.some((outcome) => (counts[outcome] ?? 0) > 0);
}

/** Asks a run to stop at its next step. A queued run ends at once. False when it is already over or unknown. */
export async function requestCancel(db: Db, input: { runId: string }): Promise<boolean> {
	const rows = await db.execute(sql`
		update sync_run set cancel_requested = true,
			ended_at = case when state = 'queued' then now() end,
			state = case when state = 'queued' then 'cancelled' else state end
		where id = ${input.runId}::bigint and state in ('queued', 'running') returning id`);
	return rows.length > 0;
}
