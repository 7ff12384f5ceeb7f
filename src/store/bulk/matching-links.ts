import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { BulkSelection } from '#src/db/schema/bulk.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from '../link-state.ts';
import { pastedLinks } from '../pasted/pasted-records.ts';
import { recordSearch } from '../search-text.ts';
import { idList, type BulkJob, type BulkKind } from './bulk-job.ts';

/** Links that the selection names, as a condition on the link table under the alias `m`. */
export function selected(entity: Entity, channelId: string, selection: BulkSelection): SQL {
	const here = sql`m.c_channel_id = ${channelId}::bigint`;
	if ('linkIds' in selection) return sql`${here} and m.id = any(${idList(selection.linkIds)}::bigint[])`;
	const { status, q, cause, listId, uptoId, exceptIds } = selection;
	return sql`${here} and m.id <= ${uptoId}::bigint and ${status === null ? sql`true` : sql`m.status = ${status}`}
		and ${q === '' ? sql`true` : sql`m.id in (${found(entity, channelId, q)})`}
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

/** The links of the job's next slice in id order, locked. */
export async function nextLinks(tx: Transaction, job: BulkJob, limit: number): Promise<string[]> {
	const rows = await tx.execute<{ id: string }>(sql`
		select m.id::text as id from ${linkTable(job.entity).map} m
		where ${selected(job.entity, job.channelId, job.selection)} and ${eligible(job.kind)} and m.id > ${job.cursorId}::bigint
		order by m.id limit ${limit} for update`);
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

/** What the list's search box finds: code and name of our record, or the whole external id. */
function found(entity: Entity, channelId: string, q: string): SQL {
	const { map, internal, external } = linkTable(entity);
	return sql`select f.id from ${map} f join ${sql.identifier(entity.recordTable)} r on r.id = f.${internal}
			where f.c_channel_id = ${channelId}::bigint and ${recordSearch('r', q)}
		union select f.id from ${map} f where f.c_channel_id = ${channelId}::bigint and f.${external} = ${q}`;
}
