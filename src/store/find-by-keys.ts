import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import { textArray } from '#src/entities/record-store.ts';

export type ExternalKey = { id: string; variant: string };

/** A code that more records of one side have than this identifies nobody: no more of them are looked at. */
export const sharingAtMost = 101;
/** More records of a channel than this are not looked at together, unless each key is taken by itself. */
export const externalsAtMost = 10_000;
/** One search of the index for so many keys costs less than one for each, or one for all. */
const keysInOne = 16;

/**
 * The records of a channel that are there and have one of these match keys, in no order. The look-up by key stands apart from all else
 * that is asked (`offset 0`): of keys that it does not know the planner thinks that they are in many records, and would read
 * all of the channel's beside them.
 */
export async function externalsWithKeys(
	tx: Transaction,
	at: { channelId: string; entity: { name: string } },
	keys: readonly string[]
): Promise<ExternalKey[]> {
	if (keys.length === 0) return [];
	const given = sql`unnest(${textArray(keys)}::text[])`;
	const here = sql`r.c_channel_id = ${at.channelId}::bigint and r.entity = ${at.entity.name} and r.deleted_at is null`;
	const columns = sql`r.external_id as id, r.external_variant_id as variant`;
	const found = await tx.execute<ExternalKey>(sql`
		select distinct ${columns}
		from (select array_agg(k.key) as keys from ${given} with ordinality as k(key, place) group by (k.place - 1) / ${keysInOne}::int) s
		cross join lateral (select * from c_channel_record c where c.match_keys && s.keys offset 0) r
		where ${here} limit ${externalsAtMost + 1}`);
	if (found.length <= externalsAtMost) return [...found];
	const some = await tx.execute<ExternalKey>(sql`
		select distinct f.id, f.variant from ${given} as k(key)
		cross join lateral (
			select ${columns} from (select * from c_channel_record c where c.match_keys @> array[k.key] offset 0) r
			where ${here} order by 1, 2 limit ${sharingAtMost}
		) f`);
	return [...some];
}
