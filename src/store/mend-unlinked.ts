import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';

/**
 * Works out anew which records are free at each channel: triggers keep that, and two transactions side by side may make them
 * miss one. Each channel and entity has transactions of its own, and one process at a time does this.
 */
export async function mendUnlinked(db: Db): Promise<void> {
	const carried = await db.execute<{ channelId: string; entity: string }>(sql`
		select e.c_channel_id::text as "channelId", e.entity from c_channel_entity e join c_channel c on c.id = e.c_channel_id
		where c.deleted_at is null order by e.c_channel_id, e.entity`);
	for (const { channelId, entity } of carried) {
		// What is linked while the first pass adds it is found by the second.
		for (let pass = 0; pass < 2; pass++) {
			await db.transaction(async (tx) => {
				await tx.execute(sql`select pg_advisory_xact_lock(hashtext('mend unlinked'))`);
				await tx.execute(sql`select cm_fill_unlinked(${channelId}::bigint, ${entity})`);
			});
		}
	}
}
