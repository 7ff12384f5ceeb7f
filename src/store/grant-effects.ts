import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';

/** Allows so many automatic effects more within the day: a person looked at them. */
export async function grantEffects(
	tx: Transaction,
	{ channelId, entity, kind, count }: { channelId: string; entity: string; kind: string; count: number }
): Promise<void> {
	await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`ceiling ${channelId} ${entity} ${kind}`}))`);
	await tx.execute(sql`
		insert into sync_ceiling (c_channel_id, entity, kind, hour, used, granted)
		values (${channelId}::bigint, ${entity}, ${kind}, date_trunc('hour', now()), 0, ${count})
		on conflict (c_channel_id, entity, kind, hour) do update set granted = sync_ceiling.granted + excluded.granted`);
}
