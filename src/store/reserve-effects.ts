import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';

export type ReserveEffectsInput = {
	channelId: string;
	entity: string;
	kind: string;
	/** Effects allowed within 24 hours, before what people granted. */
	limit: number;
	wanted: number;
	runId: string | null;
};

/**
 * Counts automatic effects in the effect's own transaction and returns how many of `wanted` may happen. What is beyond
 * the ceiling becomes one hold that waits for a person.
 */
export async function reserveEffects(tx: Transaction, input: ReserveEffectsInput): Promise<number> {
	const { channelId, entity, kind } = input;
	await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`ceiling ${channelId} ${entity} ${kind}`}))`);
	const [row] = await tx.execute<{ used: number; granted: number }>(sql`
		select coalesce(sum(used), 0)::int as used, coalesce(sum(granted), 0)::int as granted from sync_ceiling
		where c_channel_id = ${channelId}::bigint and entity = ${entity} and kind = ${kind} and hour > now() - interval '24 hours'`);
	const limit = input.limit + (row?.granted ?? 0);
	const allowed = Math.max(0, Math.min(input.wanted, limit - (row?.used ?? 0)));
	if (allowed > 0) {
		await tx.execute(sql`
			insert into sync_ceiling (c_channel_id, entity, kind, hour, used) values (${channelId}::bigint, ${entity}, ${kind}, date_trunc('hour', now()), ${allowed})
			on conflict (c_channel_id, entity, kind, hour) do update set used = sync_ceiling.used + excluded.used`);
	}
	const waiting = input.wanted - allowed;
	if (waiting > 0) {
		await tx.execute(sql`
			insert into sync_hold (c_channel_id, entity, kind, run_id, waiting, "limit")
			values (${channelId}::bigint, ${entity}, ${kind}, ${input.runId}::bigint, ${waiting}, ${limit})
			on conflict (c_channel_id, entity, kind) where state = 'open' do update set waiting = sync_hold.waiting + excluded.waiting, run_id = excluded.run_id`);
	}
	return allowed;
}
