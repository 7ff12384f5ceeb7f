import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';

/** How far the set-up of a channel is, read from what happened. */
export type SetUpSteps = {
	channelId: string;
	name: string;
	/** The kinds of records it carries. */
	entities: string[];
	tested: boolean;
	/** A run got through. */
	compared: boolean;
	/** Suggestions that wait, capped, and whether there are links. */
	suggestions: number;
	/** The entity with most of them. */
	suggestionsOf: string | null;
	linked: boolean;
	/** A field waits at first contact; the first entity with one. */
	firstContact: string | null;
	live: boolean;
};

const suggestionsAtMost = 10_000;

/** The newest channel whose set-up is not over, or that very one; null where there is none. */
export async function setUpSteps(db: Db, input: { channelId?: string } = {}): Promise<SetUpSteps | null> {
	const { channelId } = input;
	const [row] = await executePlanned<SetUpSteps>(
		db,
		sql`select c.id::text as "channelId", c.name, array(select e.entity from c_channel_entity e where e.c_channel_id = c.id order by e.entity desc) as entities,
			c.tested_at is not null or exists (select 1 from c_channel_entity e where e.c_channel_id = c.id and e.swept_at is not null) as tested,
			exists (select 1 from c_channel_entity e where e.c_channel_id = c.id and e.swept_at is not null) as compared,
			(select least(coalesce(sum(s.suggestions), 0), ${sql.raw(String(suggestionsAtMost))})::int from sync_suggestion_count s where s.c_channel_id = c.id) as suggestions,
			(select s.entity from sync_suggestion_count s where s.c_channel_id = c.id
				group by s.entity having sum(s.suggestions) > 0 order by sum(s.suggestions) desc, s.entity limit 1) as "suggestionsOf",
			exists (select 1 from sync_link_count n where n.c_channel_id = c.id and n.links > 0) as linked,
			(select f.entity from sync_conflict_count f where f.c_channel_id = c.id and f.rule = 'first-contact: ask'
				group by f.entity having sum(f.conflicts) > 0 order by f.entity limit 1) as "firstContact",
			exists (select 1 from c_channel_entity e where e.c_channel_id = c.id and (e.push_live or e.pull_live)) as live
		from c_channel c where c.set_up_at is null and c.deleted_at is null
			and ${channelId === undefined ? sql`not exists (select 1 from c_channel_entity e where e.c_channel_id = c.id and (e.push_live or e.pull_live))` : sql`c.id = ${channelId}::bigint`}
		order by c.id desc limit 1`
	);
	return row ?? null;
}
