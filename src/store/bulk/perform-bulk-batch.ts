import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import { retrying } from '../transaction.ts';
import { lockBulkJob, type BatchResult, type BulkJob, type BulkKind, type BulkState } from './bulk-job.ts';
import { countMatching, lookAhead } from './matching-links.ts';
import { retryBatch } from './retry-batch.ts';
import { settleBatch } from './settle-batch.ts';
import { grown, grownBeyond } from './start-bulk-job.ts';
import { undoAcceptBatch } from './undo-accept-batch.ts';
import { undoBatch } from './undo-batch.ts';
import { unlinkBatch } from './unlink-batch.ts';

export type PerformBulkBatchInput = {
	jobId: string;
	/** Links at most. */
	limit: number;
	/** Whether a person with this role now (null: no account any more) may still do this. */
	may: (role: string | null, kind: BulkKind) => boolean;
	/** What the batch before it returned as such; none where that is not known. */
	ahead?: readonly string[];
};

export type PerformBulkBatchResult = {
	/** Nothing is left to do. */
	over: boolean;
	state: BulkState | null;
	/** Links of this channel and entity are to be compared now that the job is over; null = none. */
	compare: { channelId: string; entity: string; startedBy: string } | null;
	/** Links that probably come next, so that the next batch need not search for them. */
	ahead: readonly string[];
};

const workers: Readonly<Record<BulkKind, (tx: Transaction, job: BulkJob, limit: number) => Promise<BatchResult>>> = {
	unlink: unlinkBatch,
	retry: retryBatch,
	push: settleBatch,
	pull: settleBatch,
	'undo-unlink': undoBatch,
	'undo-accept': undoAcceptBatch,
	// Its links were made when it was stored.
	accept: () => Promise.resolve(null)
};

/**
 * Does the next slice of a job in one transaction, its progress included: whoever calls this again after a crash, or at the
 * same time, goes on where the last commit left off. Ends the job when it was cancelled, the person lost the right, or the
 * selection grew by more than 5 %.
 */
export async function performBulkBatch(db: Db, input: PerformBulkBatchInput): Promise<PerformBulkBatchResult> {
	return retrying(db, async (tx) => {
		const job = await lockBulkJob(tx, input.jobId, input.ahead ?? []);
		if (!job) return { over: true, state: null, compare: null, ahead: [] };
		if (job.cancelRequested) return endJob(tx, job, { state: 'cancelled' });
		const stop = await reasonToStop(tx, job, input);
		if (stop) return endJob(tx, job, { state: job.done > 0 ? 'partial' : 'failed', problem: stop });
		if (job.undoesId === null) await lookAhead(tx, job);
		const batch = await workers[job.kind](tx, job, input.limit);
		if (!batch) return endJob(tx, job, {});
		await keepProgress(tx, job, batch);
		return { over: false, state: 'running', compare: null, ahead: job.ahead };
	});
}

type Problem = { kind: string; message: string; hint: string };

async function reasonToStop(tx: Transaction, job: BulkJob, { may }: PerformBulkBatchInput): Promise<Problem | null> {
	const [person] = await tx.execute<{ role: string }>(
		sql`select role from auth_user where email = ${job.person.actor.name}`
	);
	if (!may(person?.role ?? null, job.kind)) {
		const message = `${job.person.actor.name} may not do this any more.`;
		return { kind: 'not-allowed', message, hint: 'Somebody who may can start it again.' };
	}
	if (job.undoesId !== null) return null;
	const atMost = grownBeyond(job.expected);
	const { kind, entity, channelId, selection } = job;
	const links =
		job.state === 'queued'
			? await countMatching(tx, { entity, channelId, selection, kind, atMost: atMost + 1 })
			: job.done;
	if (links <= atMost) return null;
	const { message } = grown(links, job.expected);
	return { kind: 'grown', message, hint: 'Look at the list again and confirm the new number.' };
}

async function keepProgress(tx: Transaction, job: BulkJob, batch: NonNullable<BatchResult>): Promise<void> {
	const counts: Record<string, number> = { done: batch.done };
	for (const { cause } of batch.left) counts[cause] = (counts[cause] ?? 0) + 1;
	if (batch.left.length > 0) {
		await tx.execute(sql`
			insert into sync_bulk_item (job_id, link_id, internal_id, external_id, external_variant_id, cause)
			select ${job.id}::bigint, i."linkId", i."internalId", i."externalId", i."variantId", i.cause
			from jsonb_to_recordset(${JSON.stringify(batch.left)}::text::jsonb)
				as i("linkId" bigint, "internalId" bigint, "externalId" text, "variantId" text, cause text)`);
	}
	await tx.execute(sql`
		update sync_bulk_job set state = 'running', started_at = coalesce(started_at, now()), heartbeat_at = clock_timestamp(),
			cursor_id = ${batch.lastId}::bigint, counts = (
				select jsonb_object_agg(t.key, t.total) from (
					select n.key, sum(n.value::int) as total from (
						select * from jsonb_each_text(counts) union all select * from jsonb_each_text(${JSON.stringify(counts)}::text::jsonb)
					) n group by n.key
				) t
			)
		where id = ${job.id}::bigint`);
}

async function endJob(
	tx: Transaction,
	job: BulkJob,
	end: { state?: BulkState; problem?: Problem }
): Promise<PerformBulkBatchResult> {
	// What an undo could not bring back is no success; what another job left alone was said before it began.
	const [row] = await tx.execute<{ state: BulkState }>(sql`
		update sync_bulk_job set ended_at = now(), problem = ${end.problem ? JSON.stringify(end.problem) : null}::text::jsonb,
			started_at = coalesce(started_at, now()), state = coalesce(${end.state ?? null}, case when undoes_id is not null
				and exists (select 1 from sync_bulk_item i where i.job_id = sync_bulk_job.id) then 'partial' else 'succeeded' end)
		where id = ${job.id}::bigint returning state`);
	const at = { channelId: job.channelId, entity: job.entity.name, startedBy: job.person.actor.name };
	return {
		over: true,
		state: row?.state ?? null,
		compare: job.done > 0 && job.kind !== 'unlink' && job.kind !== 'undo-accept' ? at : null,
		ahead: []
	};
}
