import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import { linkTable } from '../link-state.ts';
import { lockCreates } from '../lock-creates.ts';
import { undoJudgementWithin } from '../undo-judgement.ts';
import type { BatchResult, BulkJob, LeftLink } from './bulk-job.ts';

type Made = Omit<LeftLink, 'cause'>;

/**
 * Takes the next links back that a job had made by accepting suggestions, each as one alone: no link, no mark, and it is
 * suggested again. A link that was ended or now means another record is left as it is.
 */
export async function undoAcceptBatch(tx: Transaction, job: BulkJob, limit: number): Promise<BatchResult> {
	const { channelId, entity, person } = job;
	const { map, internal, external } = linkTable(entity);
	await lockCreates(tx, channelId, entity.name);
	const picked = await tx.execute<Made>(sql`
		select m.id::text as "linkId", m.${internal}::text as "internalId", m.${external} as "externalId", m.external_variant_id as "variantId"
		from sync_bulk_job j cross join lateral jsonb_array_elements_text(j.selection -> 'linkIds') as made(id) join ${map} m on m.id = made.id::bigint
		where j.id = ${job.undoesId}::bigint and m.id > ${job.cursorId}::bigint order by m.id limit ${limit}`);
	const lastId = picked.at(-1)?.linkId;
	if (lastId === undefined) return null;
	const left: LeftLink[] = [];
	for (const { linkId, ...pair } of picked) {
		const input = { ...pair, channelId, entity: entity.name, ...person };
		const result = await undoJudgementWithin(tx, input, entity, { bulkJobId: job.id });
		if (!result.ok) left.push({ ...pair, linkId, cause: 'changed' });
	}
	return { lastId, done: picked.length - left.length, left };
}
