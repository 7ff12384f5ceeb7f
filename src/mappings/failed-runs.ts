import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';
import { isId } from './identifier.ts';

/** Why the last run of some kinds of records failed at a channel that can be worked with otherwise. */
export type FailedRun = {
	channelId: string;
	channelName: string;
	/** Whose last run failed for this same reason. */
	entities: string[];
	/** The newest of these runs, and when it ended. */
	runId: string;
	kind: string;
	message: string;
	hint: string;
	at: string;
};

/**
 * Query of the last runs that failed, one row for each channel and reason: the last ones that came to an end of their own, so that
 * one that is under way changes nothing. Left out are channels that are paused or have a problem as a whole, which says it already.
 */
export function failedRunsOf(channelId: string | null): SQL {
	return sql`
		select c.id as channel_id, c.name as channel_name, array_agg(e.entity order by e.entity) as entities, max(r.id) as run_id,
			r.problem ->> 'kind' as kind, r.problem ->> 'message' as message, r.problem ->> 'hint' as hint, max(r.ended_at) as ended_at
		from c_channel c join c_channel_entity e on e.c_channel_id = c.id
		cross join lateral (
			select l.id, l.state, l.problem, l.ended_at from sync_run l
			where l.c_channel_id = e.c_channel_id and l.entity = e.entity and l.state in ('succeeded', 'partial', 'held', 'failed')
				and l.problem ->> 'kind' is distinct from 'interrupted'
			order by l.id desc nulls last limit 1
		) r
		where r.state = 'failed' and c.problem is null and c.paused_at is null and ${channelId ? sql`c.id = ${channelId}::bigint` : sql`true`}
		group by c.id, c.name, 5, 6, 7`;
}

/** The last runs that failed, at one channel or at all. */
export async function failedRuns(db: Db, { channelId }: { channelId: string | null }): Promise<FailedRun[]> {
	if (channelId && !isId(channelId)) return [];
	return executePlanned<FailedRun>(
		db,
		sql`select f.channel_id::text as "channelId", f.channel_name as "channelName", f.entities, f.run_id::text as "runId",
			coalesce(f.kind, 'failed') as kind, coalesce(f.message, '') as message, coalesce(f.hint, '') as hint, cm_iso(f.ended_at) as at
		from (${failedRunsOf(channelId)}) f order by f.channel_name, f.run_id desc`
	);
}
