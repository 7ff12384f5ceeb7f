import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';
import type { BulkSelection } from '#src/db/schema/bulk.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { undoableDays, type BulkKind, type BulkState } from '#src/store/bulk/bulk-job.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Page, type PageInput } from './keyset.ts';

export type BulkJobRow = {
	id: string;
	channelId: string;
	channelName: string;
	entity: string;
	kind: BulkKind;
	state: BulkState;
	startedBy: string;
	reason: string;
	/** Null for the links chosen one by one, and for an undo. */
	filter: { status: string | null; q: string; listId?: string | undefined; cause?: string | undefined } | null;
	undoesId: string | null;
	expected: number;
	/** Links that changed. */
	done: number;
	/** Links that were left as they were, by cause. */
	left: { cause: string; links: number }[];
	cancelRequested: boolean;
	problem: { kind: string; message: string; hint: string } | null;
	queuedAt: string;
	startedAt: string | null;
	endedAt: string | null;
	/** What it did can be taken back now. */
	undoable: boolean;
	/** The last job that brought its links back, or tried. */
	undoneById: string | null;
};

type Stored = Omit<BulkJobRow, 'done' | 'left' | 'filter'> & {
	counts: Readonly<Record<string, number>>;
	selection: BulkSelection | null;
};

/** Bulk jobs, newest first. */
export async function listBulkJobs(db: Db, page: PageInput = {}): Promise<Page<BulkJobRow>> {
	const keys = keyset('bulk jobs', [{ column: sql`j.id`, type: 'bigint', descending: true }], page);
	const rows = await db.execute<Stored & Keyed>(
		selection(sql`where ${keys.where} order by ${keys.orderBy} limit ${keys.limit}`, keys.key)
	);
	return keys.page(rows.map((row) => ({ ...jobOf(row), cursorKey: row.cursorKey })));
}

/** Jobs that wait or are worked on, oldest first, at most five: for the header. */
export async function activeBulkJobs(db: Db): Promise<BulkJobRow[]> {
	const rows = await executePlanned<Stored & Keyed>(
		db,
		selection(sql`where j.state in ('queued', 'running') order by j.id limit 5`, sql`'[]'::jsonb`)
	);
	return rows.map(jobOf);
}

/** One job; null where there is none. */
export async function readBulkJob(db: Db, input: { id: string }): Promise<BulkJobRow | null> {
	if (!isId(input.id)) return null;
	const [row] = await db.execute<Stored & Keyed>(selection(sql`where j.id = ${input.id}::bigint`, sql`'[]'::jsonb`));
	return row ? jobOf(row) : null;
}

export type BulkItemRow = {
	id: string;
	linkId: string;
	internalId: string;
	value: string | null;
	externalId: string;
	variantId: string;
	cause: string;
};

/** Links that a job left as they were. */
export async function listBulkItems(
	db: Db,
	input: { jobId: string; entity: string; cause?: string | null } & PageInput
): Promise<Page<BulkItemRow>> {
	const entity = entityNamed(input.entity);
	if (!entity || !isId(input.jobId)) return emptyPage();
	const keys = keyset(`bulk items ${input.jobId} ${input.cause ?? ''}`, [{ column: sql`i.id`, type: 'bigint' }], input);
	const rows = await db.execute<BulkItemRow & Keyed>(sql`
		select i.id::text as id, i.link_id::text as "linkId", i.internal_id::text as "internalId", r.value, i.external_id as "externalId",
			i.external_variant_id as "variantId", i.cause, ${keys.key} as "cursorKey"
		from sync_bulk_item i left join ${sql.identifier(entity.recordTable)} r on r.id = i.internal_id
		where i.job_id = ${input.jobId}::bigint and ${input.cause ? sql`i.cause = ${input.cause}` : sql`true`} and ${keys.where}
		order by ${keys.orderBy} limit ${keys.limit}`);
	return keys.page(rows);
}

function selection(rest: SQL, key: SQL): SQL {
	return sql`
		select j.id::text as id, j.c_channel_id::text as "channelId", c.name as "channelName", j.entity, j.kind, j.state, j.started_by as "startedBy",
			j.reason, case when j.selection ? 'linkIds' then null else j.selection end as selection, j.undoes_id::text as "undoesId", j.expected, j.counts,
			j.cancel_requested as "cancelRequested", j.problem, cm_iso(j.queued_at) as "queuedAt", cm_iso(j.started_at) as "startedAt",
			cm_iso(j.ended_at) as "endedAt", u.id::text as "undoneById",
			j.kind in ('unlink', 'accept') and j.state not in ('queued', 'running') and j.queued_at > now() - make_interval(days => ${undoableDays})
				and coalesce(u.state not in ('queued', 'running'), true)
				and case when j.kind = 'unlink' then exists (select 1 from link_history h where h.bulk_job_id = j.id and h.undone_at is null)
					else coalesce(u.state in ('failed', 'cancelled'), true) end as undoable,
			${key} as "cursorKey"
		from sync_bulk_job j join c_channel c on c.id = j.c_channel_id
			left join lateral (select u.id, u.state from sync_bulk_job u where u.undoes_id = j.id order by u.id desc limit 1) u on true
		${rest}`;
}

function jobOf({ counts, selection, ...row }: Stored & Partial<Keyed>): BulkJobRow {
	const { cursorKey: _, ...plain } = row;
	const left = Object.entries(counts).flatMap(([cause, links]) => (cause === 'done' ? [] : [{ cause, links }]));
	const filter =
		selection && 'q' in selection
			? { status: selection.status, q: selection.q, listId: selection.listId, cause: selection.cause }
			: null;
	return { ...plain, done: counts['done'] ?? 0, left, filter };
}
