import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { idArray } from '#src/entities/record-store.ts';
import { isId } from './identifier.ts';

/** What fits a record of ours best. */
export type BestSuggestion = {
	id: string;
	internalId: string;
	externalId: string;
	variantId: string;
	value: string | null;
	name: string | null;
	score: number;
	ambiguous: boolean;
};

/** The best suggestion of each of these records of ours at one channel, by the record's id. */
export async function bestSuggestions(
	db: Db,
	input: { channelId: string; entity: string; internalIds: readonly string[] }
): Promise<ReadonlyMap<string, BestSuggestion>> {
	const ids = input.internalIds.filter(isId);
	if (!isId(input.channelId) || ids.length === 0) return new Map();
	const rows = await db.execute<BestSuggestion>(sql`
		select distinct on (s.internal_id) s.id::text as id, s.internal_id::text as "internalId", s.external_id as "externalId",
			s.external_variant_id as "variantId", x.fields ->> 'value' as value, x.fields ->> 'name' as name, s.score, s.ambiguous
		from c_channel_suggestion s left join c_channel_record x on x.c_channel_id = s.c_channel_id and x.entity = s.entity
			and x.external_id = s.external_id and x.external_variant_id = s.external_variant_id
		where s.c_channel_id = ${input.channelId}::bigint and s.entity = ${input.entity} and s.internal_id = any(${idArray(ids)}::bigint[])
		order by s.internal_id, s.best desc, s.score desc, s.id`);
	return new Map(rows.map((row) => [row.internalId, row]));
}
