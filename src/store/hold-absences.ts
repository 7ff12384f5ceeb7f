import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { retrying } from './transaction.ts';

export type HoldAbsencesInput = {
	channelId: string;
	entity: string;
	runId: string;
	/** Known records that a complete listing did not show. */
	missing: number;
	/** So many are believed without a person. */
	limit: number;
};

/**
 * Asks whether a listing that left out more records than the limit may be believed. Where no person has approved as many
 * within 24 hours, they become one hold that waits for a person (`held`); of a later listing it takes the number over.
 */
export async function holdAbsences(db: Db, input: HoldAbsencesInput): Promise<'allowed' | 'held'> {
	const { channelId, entity, runId, missing, limit } = input;
	return retrying(db, async (tx) => {
		await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`ceiling ${channelId} ${entity} absences`}))`);
		const [row] = await tx.execute<{ granted: number }>(sql`
			select coalesce(sum(granted), 0)::int as granted from sync_ceiling
			where c_channel_id = ${channelId}::bigint and entity = ${entity} and kind = 'absences' and hour > now() - interval '24 hours'`);
		if (missing <= limit + (row?.granted ?? 0)) return 'allowed';
		await tx.execute(sql`
			insert into sync_hold (c_channel_id, entity, kind, run_id, waiting, "limit")
			values (${channelId}::bigint, ${entity}, 'absences', ${runId}::bigint, ${missing}, ${limit})
			on conflict (c_channel_id, entity, kind) where state = 'open' do update set waiting = excluded.waiting, run_id = excluded.run_id`);
		return 'held';
	});
}
