import { sql, type SQL } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import { isUniqueViolation } from './postgres-error.ts';
import { retrying } from './transaction.ts';

export type RunRow = {
	id: string;
	channelId: string;
	entity: string;
	mode: string;
	startedBy: string;
	state: string;
	linkIds: string[] | null;
	/** For `apply`: the preview whose plan it carries out. */
	planId: string | null;
	/** Counts who took it up; only the newest one's words count. */
	attempt: number;
};

/** A run in the hands of one process. */
export type RunAttempt = { runId: string; attempt: number };

/** begun: this process may perform it. busy: another does, try later. over: nothing is left to do. */
export type BeginRunResult = { kind: 'begun'; run: RunRow } | { kind: 'busy' } | { kind: 'over' };

/** A run whose process has not been heard of for this long may be taken over. Too early costs double work, never more. */
export const silentSeconds = 4;
/** A running run that nobody took over for this long is given up, so that others can start. */
export const abandonedSeconds = 60;

/** Makes a queued or interrupted run the running one of its channel and entity. */
export async function beginRun(db: Db, input: { runId: string }): Promise<BeginRunResult> {
	try {
		return await beginOnly(db, input);
	} catch (error) {
		// Another one began at the same moment: `sync_run_running` lets one through.
		if (isUniqueViolation(error)) return { kind: 'busy' };
		throw error;
	}
}

function beginOnly(db: Db, input: { runId: string }): Promise<BeginRunResult> {
	return retrying(db, async (tx): Promise<BeginRunResult> => {
		const [run] = await tx.execute<RunRow & { silent: boolean } & Record<string, unknown>>(sql`
			select id::text as id, c_channel_id::text as "channelId", entity, mode, started_by as "startedBy", state, link_ids as "linkIds", plan_id::text as "planId",
				attempt + 1 as attempt, coalesce(heartbeat_at < now() - make_interval(secs => ${silentSeconds}), true) as silent
			from sync_run where id = ${input.runId}::bigint for update`);
		if (!run || !['queued', 'running'].includes(run.state)) return { kind: 'over' };
		if (run.state === 'running' && !run.silent) return { kind: 'busy' };
		await tx.execute(sql`
			update sync_run set state = 'failed', ended_at = now(),
				problem = '{"kind":"interrupted","message":"The process that performed this run ended.","hint":"Nothing to do: the next run carries on."}'
			where id in (
				select id from sync_run where c_channel_id = ${run.channelId}::bigint and entity = ${run.entity} and state = 'running'
					and id <> ${run.id}::bigint and heartbeat_at < now() - make_interval(secs => ${abandonedSeconds}) for update
			)`);
		const [other] = await tx.execute(sql`
			select 1 from sync_run where c_channel_id = ${run.channelId}::bigint and entity = ${run.entity} and state = 'running' and id <> ${run.id}::bigint`);
		if (other) return { kind: 'busy' };
		await tx.execute(sql`
			update sync_run set state = 'running', started_at = coalesce(started_at, now()), heartbeat_at = now(), attempt = ${run.attempt}
			where id = ${run.id}::bigint`);
		return { kind: 'begun', run };
	});
}

/** Whether the run is still in these hands. Until the transaction ends nobody takes it over or ends it; it may be heard of. */
export async function holdRun(tx: Transaction, run: RunAttempt): Promise<boolean> {
	const rows = await tx.execute(sql`${heldRun(run)} for key share`);
	return rows.length > 0;
}

/** The row of a run that is still in these hands, in SQL that a further condition may follow. */
export function heldRun({ runId, attempt }: RunAttempt): SQL {
	return sql`select 1 from sync_run where id = ${runId}::bigint and attempt = ${attempt} and state = 'running'`;
}

/** Says that the run is alive and in which phase; tells whether it should stop, as it must when another process has it. */
export async function heartbeatRun(
	db: Db,
	input: RunAttempt & { phase: string }
): Promise<{ stop: 'cancelled' | 'paused' | null }> {
	const [row] = await db.execute<{ cancelled: boolean; paused: boolean }>(sql`
		update sync_run r set heartbeat_at = now(), phase = ${input.phase}
		from c_channel c where c.id = r.c_channel_id and r.id = ${input.runId}::bigint and r.attempt = ${input.attempt} and r.state = 'running'
		returning r.cancel_requested as cancelled, c.paused_at is not null as paused`);
	if (!row) return { stop: 'cancelled' };
	return { stop: row.cancelled ? 'cancelled' : row.paused ? 'paused' : null };
}

/** The process ends before the run did: another one may take it up at once. */
export async function requeueRun(db: Db, input: RunAttempt): Promise<void> {
	await db.execute(sql`
		update sync_run set state = 'queued', phase = null
		where id = ${input.runId}::bigint and attempt = ${input.attempt} and state = 'running'`);
}
