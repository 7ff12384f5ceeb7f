import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { RunCounts } from '#src/db/schema/runs.ts';
import { keyset, type Keyed, type Page, type PageInput } from './keyset.ts';

export type RunRow = {
	id: string;
	channelId: string;
	channelName: string;
	entity: string;
	mode: string;
	/** 'schedule' or who asked. */
	startedBy: string;
	state: string;
	phase: string | null;
	counts: RunCounts;
	problem: { kind: string; message: string; hint: string } | null;
	cancelRequested: boolean;
	queuedAt: string;
	startedAt: string | null;
	endedAt: string | null;
};

export type RunFilter = {
	channelId?: string | undefined;
	entity?: string | undefined;
	state?: string | undefined;
	/** Leaves out runs that ended well and had nothing to do. */
	withItemsOnly?: boolean | undefined;
};

/** Columns of a `RunRow` of `sync_run r join c_channel c`. A run under way counts what its batches have so far. */
export function runColumns(): SQL {
	return sql`
		r.id::text as id, r.c_channel_id::text as "channelId", c.name as "channelName", r.entity, r.mode,
		r.started_by as "startedBy", r.state, r.phase, r.problem, r.cancel_requested as "cancelRequested",
		cm_iso(r.queued_at) as "queuedAt", cm_iso(r.started_at) as "startedAt", cm_iso(r.ended_at) as "endedAt",
		case when r.state = 'running' then coalesce((
			select jsonb_object_agg(t.key, t.total) from (
				select n.key, sum(n.value::int) as total from sync_batch b, jsonb_each_text(b.counts) n
				where b.run_id = r.id group by n.key
			) t), '{}') else r.counts end as counts`;
}

/** Runs, newest first. */
export async function listRuns(db: Db, filter: RunFilter, page: PageInput = {}): Promise<Page<RunRow>> {
	const keys = keyset('runs', [{ column: sql`r.id`, type: 'bigint', descending: true }], page);
	const conditions = [
		keys.where,
		filter.channelId === undefined ? sql`true` : sql`r.c_channel_id = ${filter.channelId}::bigint`,
		filter.entity === undefined ? sql`true` : sql`r.entity = ${filter.entity}`,
		filter.state === undefined ? sql`true` : sql`r.state = ${filter.state}`,
		filter.withItemsOnly
			? sql`(r.state <> 'succeeded' or r.mode not in ('incremental', 'hinted') or exists (select 1 from sync_item i where i.run_id = r.id))`
			: sql`true`
	];
	const rows = await db.execute<RunRow & Keyed>(sql`
		select ${runColumns()}, ${keys.key} as "cursorKey"
		from sync_run r join c_channel c on c.id = r.c_channel_id
		where ${sql.join(conditions, sql` and `)}
		order by ${keys.orderBy} limit ${keys.limit}`);
	return keys.page([...rows]);
}
