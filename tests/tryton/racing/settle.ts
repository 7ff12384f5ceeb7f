import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';

const pollMs = 250;

/** Waits until `look` finds nothing any more; says at the end what it still found. */
export async function untilNothing(what: string, withinMs: number, look: () => Promise<string[]>): Promise<void> {
	const deadline = performance.now() + withinMs;
	for (;;) {
		const found = await look();
		if (found.length === 0) return;
		if (performance.now() > deadline)
			throw new Error(`not within ${withinMs / 1000} s: ${what}: ${found.slice(0, 10).join('; ')}`);
		await sleep(pollMs);
	}
}

/** What the engine has left to do, or leaves to people. */
export async function unsettled(db: Db): Promise<string[]> {
	const rows = await db.execute<{ what: string }>(sql`
		select 'link ' || id || ' is ' || status || coalesce(': ' || problem::text, '') as what from c_channel_map_product
		where status <> 'in-sync' or dirty_seq > clean_seq
		union all select 'create of ' || internal_id || ' is ' || state || coalesce(': ' || problem::text, '') from sync_intent
		union all select 'conflict of link ' || link_id || ' on ' || field from sync_conflict where state = 'open'
		union all select 'hint about ' || record_id from sync_outbox
		union all select 'candidate ' || side || ' ' || record_id from sync_candidate
		union all select 'held: ' || kind from sync_hold where state = 'open'`);
	return rows.map(({ what }) => what);
}

/** Commits of the engine's runs so far: each has decided about records. */
export async function commitsSoFar(db: Db): Promise<number> {
	const [row] = await db.execute<{ commits: number }>(sql`select count(*)::int as commits from sync_batch`);
	return row?.commits ?? 0;
}
