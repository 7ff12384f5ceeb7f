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
	const [row] = await tx.execute<{ allowed: number }>(sql`
		with counted as (
			select coalesce(sum(used), 0)::int as used, ${input.limit}::int + coalesce(sum(granted), 0)::int as "limit" from sync_ceiling
			where c_channel_id = ${channelId}::bigint and entity = ${entity} and kind = ${kind} and hour > now() - interval '24 hours'
		), reserved as (
			select greatest(0, least(${input.wanted}::int, "limit" - used)) as allowed, "limit" from counted
		), spent as (
			insert into sync_ceiling (c_channel_id, entity, kind, hour, used)
			select ${channelId}::bigint, ${entity}, ${kind}, date_trunc('hour', now()), allowed from reserved where allowed > 0
			on conflict (c_channel_id, entity, kind, hour) do update set used = sync_ceiling.used + excluded.used
		), waiting as (
			insert into sync_hold (c_channel_id, entity, kind, run_id, waiting, "limit")
			select ${channelId}::bigint, ${entity}, ${kind}, ${input.runId}::bigint, ${input.wanted}::int - allowed, "limit" from reserved
			where allowed < ${input.wanted}::int
			on conflict (c_channel_id, entity, kind) where state = 'open' do update set waiting = sync_hold.waiting + excluded.waiting, run_id = excluded.run_id
		)
		select allowed from reserved`);
	return row?.allowed ?? 0;
}
