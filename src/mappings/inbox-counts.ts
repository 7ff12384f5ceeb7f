import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';
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
	/** References to records without a link, counted up to 10,000. */
	awaiting: number;
};

const problems = sql`((select coalesce(sum(links), 0) from sync_link_count where status in ('failed', 'quarantined', 'orphan'))
	+ (select count(*) from sync_intent i where i.state = 'problem' and ${notExcluded('i')})
	+ (select count(*) from c_channel where problem is not null and paused_at is null))::int`;
const suggestions = sql`(select coalesce(sum(suggestions), 0) from sync_suggestion_count)::int`;
const openConflicts = sql`select coalesce(sum(conflicts), 0) from sync_conflict_count`;
const held = sql`(select count(*) from sync_hold where state = 'open')::int`;

/** How much waits for a person, by kind; `settled` is only for looking at. */
export async function inboxCounts(db: Db): Promise<InboxCounts> {
	const [row] = await executePlanned<InboxCounts>(
		db,
		sql`select ${suggestions} as suggestions,
			(${openConflicts})::int as conflicts,
			(select count(*) from sync_conflict where state = 'settled' and decided_at > now() - make_interval(days => ${settledDays}))::int as settled,
			${problems} as problems, ${held} as held,
			(select count(*) from (select 1 from sync_awaiting where not matching limit ${sql.raw(String(awaitingAtMost))}) a)::int as awaiting`
	);
	return row ?? { suggestions: 0, conflicts: 0, settled: 0, problems: 0, held: 0, awaiting: 0 };
}

/** How much waits for a person, all kinds together; no further than `upTo`, as every page shows it in the menu. */
export async function countWaiting(db: Db, upTo: number): Promise<number> {
	const [row] = await executePlanned<{ waiting: number }>(
		db,
		sql`select ${suggestions} + (${openConflicts})::int + ${problems} + ${held} as waiting`
	);
	return Math.min(row?.waiting ?? 0, upTo);
}
