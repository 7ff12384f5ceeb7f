import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import { linkTable } from '../link-state.ts';
import { idList, type BatchResult, type BulkJob } from './bulk-job.ts';
import { nextLinks } from './matching-links.ts';

/** Gives the job's next links another five tries, as `retryQuarantined` does. */
export async function retryBatch(tx: Transaction, job: BulkJob, limit: number): Promise<BatchResult> {
	const linkIds = await nextLinks(tx, job, limit);
	const lastId = linkIds.at(-1);
	if (lastId === undefined) return null;
	await freeLinks(tx, job, linkIds);
	return { lastId, done: linkIds.length, left: [] };
}

/** Links that failed or were set aside are tried anew, journaled. */
export async function freeLinks(tx: Transaction, job: BulkJob, linkIds: readonly string[]): Promise<void> {
	const { map, internal, external } = linkTable(job.entity);
	await tx.execute(sql`
		with old as (
			select m.id, m.problem, m.tries, to_jsonb(m) as state from ${map} m where m.id = any(${idList(linkIds)}::bigint[])
		), freed as (
			update ${map} m set status = 'pending', problem = null, tries = 0, retry_at = null, dirty_seq = m.dirty_seq + 1, state_rev = m.state_rev + 1
			from old where m.id = old.id
			returning m.id, m.c_channel_id, m.${internal} as internal, m.${external} as external, m.external_variant_id as variant,
				jsonb_build_object('problem', old.problem, 'tries', old.tries, 'bulkJobId', ${job.id}::text) as inputs,
				cm_state_delta(old.state, to_jsonb(m)) as link_state
		)
		insert into sync_decision (c_channel_id, entity, link_id, internal_id, external_id, external_variant_id, actor, action, inputs, link_state)
		select c_channel_id, ${job.entity.name}, id, internal, external, variant, ${job.person.actor.name}, 'retry', inputs, link_state from freed order by id`);
}
