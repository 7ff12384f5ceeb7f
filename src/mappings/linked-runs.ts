import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';

/** Runs, each with whether its kind of record has a link at its channel now. */
export async function withLinked<Run extends { channelId: string; entity: string }>(
	db: Db,
	runs: readonly Run[]
): Promise<(Run & { linked: boolean })[]> {
	if (runs.length === 0) return [];
	const channels = JSON.stringify([...new Set(runs.map(({ channelId }) => channelId))]);
	const rows = await executePlanned<{ name: string }>(
		db,
		sql`select n.c_channel_id || ' ' || n.entity as name from sync_link_count n
		where n.c_channel_id in (select t.channel::bigint from jsonb_array_elements_text(${channels}::text::jsonb) t(channel))
		group by n.c_channel_id, n.entity having sum(n.links) > 0`
	);
	const linked = new Set(rows.map(({ name }) => name));
	return runs.map((run) => ({ ...run, linked: linked.has(`${run.channelId} ${run.entity}`) }));
}
