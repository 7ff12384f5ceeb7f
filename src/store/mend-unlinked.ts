import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';

/**
 * Works out anew which records are free at each channel: triggers keep that, and two transactions side by side may make them
 * miss one. Where another application keeps the records and no trigger tells of them, new ones become candidates. Each channel
 * and entity has transactions of its own, and one process at a time does this.
 */
export async function mendUnlinked(db: Db): Promise<void> {
	const carried = await db.execute<{ channelId: string; entity: string; untold: boolean }>(sql`
		select e.c_channel_id::text as "channelId", e.entity,
			exists (select 1 from sync_source s where s.entity = e.entity and s.removed_at is null and s.descriptor ->> 'changes' = 'sweep') as untold
		from c_channel_entity e join c_channel c on c.id = e.c_channel_id
		where c.deleted_at is null order by e.c_channel_id, e.entity`);
	for (const { channelId, entity, untold } of carried) {
		// What is linked while the first pass adds it is found by the second.
		for (let pass = 0; pass < 2; pass++) {
			await db.transaction(async (tx) => {
				await tx.execute(sql`select pg_advisory_xact_lock(hashtext('mend unlinked'))`);
				if (untold) await tx.execute(sql`select cm_notice_records(${channelId}::bigint, ${entity})`);
				await tx.execute(sql`select cm_fill_unlinked(${channelId}::bigint, ${entity})`);
			});
		}
	}
}
