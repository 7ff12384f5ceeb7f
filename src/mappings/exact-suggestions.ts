import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { isId } from './identifier.ts';

/** Counted up to here: show such a number as "10,000 or more". */
export const exactCountAtMost = 10_000;

/** What "accept all" would link: how many, and the last of them, up to which it holds. `uptoId` is '0' where there are none. */
export type ExactSuggestions = { count: number; uptoId: string };

/** Suggestions with a score of 100 whose two records are in no other suggestion. */
export async function exactSuggestions(
	db: Db,
	{ channelId, entity }: { channelId: string; entity: string }
): Promise<ExactSuggestions> {
	if (!isId(channelId)) return { count: 0, uptoId: '0' };
	const [row] = await db.execute<ExactSuggestions>(sql`
		select count(*)::int as count, coalesce(max(e.id), 0)::text as "uptoId" from (
			select s.id from c_channel_suggestion s
			where s.c_channel_id = ${channelId}::bigint and s.entity = ${entity} and s.score = 100 and not s.ambiguous
			order by s.id limit ${exactCountAtMost}
		) e`);
	return row ?? { count: 0, uptoId: '0' };
}
