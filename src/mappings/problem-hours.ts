import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { isId } from './identifier.ts';

export type ProblemHour = { hour: string; problems: number; conflicts: number };

/** The most that waited at one channel within a day (UTC). */
export type ProblemDay = { day: string; channelId: string; channelName: string; problems: number; conflicts: number };

export type OpenProblems = {
	/** Sums over the channels by hour, oldest first; an hour that nobody kept is absent. */
	hours: ProblemHour[];
	/** Newest day first. */
	days: ProblemDay[];
};

/** The chart's length. */
export const problemChartDays = 7;

/** How much waited for a person over the last seven days: of one channel, or of all. */
export async function openProblems(db: Db, { channelId }: { channelId?: string | undefined }): Promise<OpenProblems> {
	if (channelId !== undefined && !isId(channelId)) return { hours: [], days: [] };
	const kept = sql`sync_problem_hour h join c_channel c on c.id = h.c_channel_id and c.deleted_at is null
		where h.hour > now() - make_interval(days => ${problemChartDays}) and ${channelId === undefined ? sql`true` : sql`h.c_channel_id = ${channelId}::bigint`}`;
	const [hours, days] = await Promise.all([
		db.execute<ProblemHour>(sql`
			select cm_iso(h.hour) as hour, sum(h.problems)::int as problems, sum(h.conflicts)::int as conflicts from ${kept} group by h.hour order by h.hour`),
		db.execute<ProblemDay>(sql`
			select cm_iso(date_trunc('day', h.hour)) as day, c.id::text as "channelId", c.name as "channelName", max(h.problems) as problems, max(h.conflicts) as conflicts
			from ${kept} group by 1, c.id, c.name order by 1 desc, c.name`)
	]);
	return { hours: [...hours], days: [...days] };
}
