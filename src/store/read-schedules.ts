import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Schedule } from '#src/sync/policy.ts';
import { sweepEverySeconds } from '#src/sync/staleness.ts';
import { silentSeconds } from './begin-run.ts';

/** One channel and entity as its schedule sees it. */
export type ScheduledEntity = {
	channelId: string;
	entity: string;
	schedule: Schedule;
	paused: boolean;
	/** Runs in a row that could not use the channel. */
	failures: number;
	/** The last complete scan is older than a day, or there was none; where its absences are held, it is tried once an hour. */
	sweepDue: boolean;
	/** A run of it waits or is under way; those that webhooks ask for, which may never end, do not count. */
	busy: boolean;
	/** The database's clock, milliseconds since 1970. */
	nowMs: number;
};

/** Runs of `c_channel_entity e` among which those that are not over are found: the newest, by index. */
const latestRuns = sql`select * from sync_run l where l.c_channel_id = e.c_channel_id and l.entity = e.entity order by l.id desc limit 50`;

/** Every channel and entity that has a schedule, paused ones too. */
export async function readSchedules(db: Db): Promise<ScheduledEntity[]> {
	return [...(await selectSchedules(db, sql`true`))];
}

/** One channel and entity; null when it is gone. */
export async function readSchedule(
	db: Db,
	input: { channelId: string; entity: string }
): Promise<ScheduledEntity | null> {
	const [row] = await selectSchedules(
		db,
		sql`e.c_channel_id = ${input.channelId}::bigint and e.entity = ${input.entity}`
	);
	return row ?? null;
}

function selectSchedules(db: Db, condition: SQL) {
	return db.execute<ScheduledEntity>(sql`
		select e.c_channel_id::text as "channelId", e.entity, e.schedule, c.paused_at is not null as paused, e.failures,
			coalesce(e.swept_at < now() - make_interval(secs => ${sweepEverySeconds}), true) and not exists (
				select 1 from sync_hold h join sync_run hr on hr.id = h.run_id where h.c_channel_id = e.c_channel_id and h.entity = e.entity
					and h.kind = 'absences' and h.state = 'open' and hr.queued_at > now() - interval '1 hour'
			) as "sweepDue",
			exists (select 1 from (${latestRuns}) r where r.state in ('queued', 'running') and r.mode <> 'hinted') as busy,
			(extract(epoch from now()) * 1000)::float8 as "nowMs"
		from c_channel_entity e join c_channel c on c.id = e.c_channel_id
		where ${condition} order by e.c_channel_id, e.entity`);
}

/** A run whose job was lost, or whose process is silent since `silentSince`. */
export type StrandedRun = { runId: string; silentSince: string | null };

/** Runs that wait for longer than the queue needs, and those that may be taken over. */
export async function readStrandedRuns(db: Db): Promise<StrandedRun[]> {
	const rows = await db.execute<StrandedRun>(sql`
		select r.id::text as "runId", case when r.state = 'running' then cm_iso(coalesce(r.heartbeat_at, r.started_at, r.queued_at)) end as "silentSince" from c_channel_entity e cross join lateral (${latestRuns}) r
		where (r.state = 'queued' and r.queued_at < now() - interval '5 seconds')
			or (r.state = 'running' and coalesce(r.heartbeat_at, r.started_at, r.queued_at) < now() - make_interval(secs => ${silentSeconds}))
		order by r.id`);
	return [...rows];
}
