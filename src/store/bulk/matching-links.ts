import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { BulkSelection } from '#src/db/schema/bulk.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from '../link-state.ts';
import { pastedLinks } from '../pasted/pasted-records.ts';
import { recordSearch } from '../search-text.ts';
import { idList, type BulkJob, type BulkKind } from './bulk-job.ts';

/** Links whose ids are looked up in one go: a search reads all that it finds, however few links a slice has. */
const aheadAtMost = 100_000;

/** Links that the selection names, as a condition on the link table under the alias `m`. */
export function selected(entity: Entity, channelId: string, selection: BulkSelection, searched = foundByAll): SQL {
	const here = sql`m.c_channel_id = ${channelId}::bigint`;
	if ('linkIds' in selection) return sql`${here} and m.id = any(${idList(selection.linkIds)}::bigint[])`;
	const { status, q, cause, listId, uptoId, exceptIds } = selection;
	return sql`${here} and m.id <= ${uptoId}::bigint and ${status === null ? sql`true` : sql`m.status = ${status}`}
		and ${q === '' ? sql`true` : searched(entity, channelId, q)}
		and ${cause === undefined ? sql`true` : sql`m.status in ('failed', 'quarantined', 'orphan') and coalesce(m.problem ->> 'kind', m.status) = ${cause}`}
		and ${listId === undefined ? sql`true` : sql`m.id = any(array(select p.id from (${pastedLinks(entity, channelId, listId)}) p))`}
		and ${exceptIds.length === 0 ? sql`true` : sql`m.id <> all(${idList(exceptIds)}::bigint[])`}`;
}

/** Links to which this can be done at all: by status, as the preview says. */
export function eligible(kind: BulkKind): SQL {
	switch (kind) {
		case 'retry':
			return sql`m.status in ('failed', 'quarantined')`;
		case 'push':
		case 'pull':
			return sql`m.status <> 'orphan'`;
		default:
			return sql`true`;
	}
}

/** Makes sure that the job knows which links come next, where there are any. They are no more than likely: `nextLinks` asks each. */
export async function lookAhead(tx: Transaction, job: BulkJob): Promise<void> {
	const start = job.ahead.findIndex((id) => BigInt(id) > BigInt(job.cursorId));
	job.ahead = start < 0 ? await matchingAfter(tx, job, job.cursorId) : job.ahead.slice(start);
}

/** The links of the job's next slice in id order, locked. They leave those ahead. */
export async function nextLinks(tx: Transaction, job: BulkJob, limit: number): Promise<string[]> {
	const { map } = linkTable(job.entity);
	const still = sql`${selected(job.entity, job.channelId, job.selection, foundByItself)} and ${eligible(job.kind)}`;
	for (let last = job.cursorId; ;) {
		if (job.ahead.length === 0) job.ahead = await matchingAfter(tx, job, last);
		const likely = job.ahead.splice(0, limit);
		last = likely.at(-1) ?? '';
		if (last === '') return [];
		const rows = await tx.execute<{ id: string }>(sql`
			select m.id::text as id from ${map} m where m.id = any(${idList(likely)}::bigint[]) and ${still} order by m.id for update`);
		if (rows.length > 0) return rows.map(({ id }) => id);
	}
}

async function matchingAfter(tx: Transaction, job: BulkJob, afterId: string): Promise<string[]> {
	const rows = await tx.execute<{ id: string }>(sql`
		select m.id::text as id from ${linkTable(job.entity).map} m
		where ${selected(job.entity, job.channelId, job.selection)} and ${eligible(job.kind)} and m.id > ${afterId}::bigint
		order by m.id limit ${aheadAtMost}`);
	return rows.map(({ id }) => id);
}

/** How many links the job is about now; stops counting at `atMost`. */
export async function countMatching(
	tx: Transaction,
	input: { entity: Entity; channelId: string; selection: BulkSelection; kind: BulkKind; atMost: number }
): Promise<number> {
	const { entity, channelId, selection, kind, atMost } = input;
	const [row] = await tx.execute<{ links: number }>(sql`
		select count(*)::int as links from (
			select 1 from ${linkTable(entity).map} m where ${selected(entity, channelId, selection)} and ${eligible(kind)} limit ${atMost}
		) f`);
	return row?.links ?? 0;
}

/** What the list's search box finds, code and name of our record or the whole external id: where every link is asked. */
function foundByAll(entity: Entity, channelId: string, q: string): SQL {
	const { map, internal, external } = linkTable(entity);
	return sql`m.id in (select f.id from ${map} f join ${sql.identifier(entity.recordTable)} r on r.id = f.${internal}
			where f.c_channel_id = ${channelId}::bigint and ${recordSearch('r', q)}
		union select f.id from ${map} f where f.c_channel_id = ${channelId}::bigint and f.${external} = ${q})`;
}

/** The same where a few links are named: each looks at its own record. */
function foundByItself(entity: Entity, _channelId: string, q: string): SQL {
	const { internal, external } = linkTable(entity);
	return sql`(m.${external} = ${q} or exists (
		select 1 from ${sql.identifier(entity.recordTable)} r where r.id = m.${internal} and ${recordSearch('r', q)} offset 0))`;
}
