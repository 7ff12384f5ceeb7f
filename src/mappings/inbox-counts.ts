import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';
import { failedRunsOf } from './failed-runs.ts';
import { isId } from './identifier.ts';
import { notExcluded } from './list-problems.ts';

/** How long a conflict that a rule settled stays listed. */
const settledDays = 30;

/** Where counting what waits for a link stops. */
const awaitingAtMost = 10_000;

export type InboxCounts = {
	suggestions: number;
	conflicts: number;
	settled: number;
	problems: number;
	held: number;
	/** Records without a link that others point to, among the first 10,000 references to such. */
	awaiting: number;
};

const none: InboxCounts = { suggestions: 0, conflicts: 0, settled: 0, problems: 0, held: 0, awaiting: 0 };

/** Condition on a table with this name: the row is of the channel, or of any. */
function ofChannel(table: string, channelId: string | null): SQL {
	return channelId ? sql`${sql.raw(table)}.c_channel_id = ${channelId}::bigint` : sql`true`;
}

function problems(channelId: string | null): SQL {
	return sql`((select coalesce(sum(n.links), 0) from sync_link_count n
			where n.status in ('failed', 'quarantined', 'orphan') and ${ofChannel('n', channelId)})
		+ (select count(*) from sync_intent i where i.state = 'problem' and ${notExcluded('i')} and ${ofChannel('i', channelId)})
		+ (select count(*) from c_channel c where c.problem is not null and c.paused_at is null
			and ${channelId ? sql`c.id = ${channelId}::bigint` : sql`true`})
		+ (select count(*) from (${failedRunsOf(channelId)}) f))::int`;
}

const suggestions = (channelId: string | null) =>
	sql`(select coalesce(sum(s.suggestions), 0) from sync_suggestion_count s where ${ofChannel('s', channelId)})::int`;
const openConflicts = (channelId: string | null) =>
	sql`(select coalesce(sum(k.conflicts), 0) from sync_conflict_count k where ${ofChannel('k', channelId)})::int`;
const held = (channelId: string | null) =>
	sql`(select count(*) from sync_hold h where h.state = 'open' and ${ofChannel('h', channelId)})::int`;

/** How much waits for a person, by kind, at one channel or at all; `settled` is only for looking at. */
export async function inboxCounts(db: Db, input: { channelId?: string | null } = {}): Promise<InboxCounts> {
	const channelId = input.channelId ?? null;
	if (channelId !== null && !isId(channelId)) return none;
	const [row] = await executePlanned<InboxCounts>(
		db,
		sql`select ${suggestions(channelId)} as suggestions, ${openConflicts(channelId)} as conflicts,
			(select count(*) from sync_conflict o where o.state = 'settled' and o.decided_at > now() - make_interval(days => ${settledDays})
				and ${ofChannel('o', channelId)})::int as settled,
			${problems(channelId)} as problems, ${held(channelId)} as held,
			(select count(*) from (
				select 1 from (
					select a.c_channel_id, a.to_entity, a.side, a.ref_id from sync_awaiting a
					where not a.matching and ${ofChannel('a', channelId)} limit ${sql.raw(String(awaitingAtMost))}
				) w group by w.c_channel_id, w.to_entity, w.side, w.ref_id
			) r)::int as awaiting`
	);
	return row ?? none;
}

/** How much waits for a person, all kinds together; no further than `upTo`, as every page shows it in the menu. */
export async function countWaiting(db: Db, upTo: number): Promise<number> {
	const [row] = await executePlanned<{ waiting: number }>(
		db,
		sql`select ${suggestions(null)} + ${openConflicts(null)} + ${problems(null)} + ${held(null)} as waiting`
	);
	return Math.min(row?.waiting ?? 0, upTo);
}
