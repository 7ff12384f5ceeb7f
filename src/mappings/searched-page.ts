import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { idArray } from '#src/entities/record-store.ts';
import { recordSearch } from '#src/store/search-text.ts';

/** Records that few means: their ids are handed to the list's own query. */
const fewAtMost = 2_000;
/** Rows of the list that are looked through one by one for words that many records have. */
export const walkedAtMost = 30_000;

/**
 * A page of a searched list, in the list's order. Words that few records have are found by their index; words that many
 * have are met soon by walking along the list. Each way is slow at what the other is for, and no planner knows which it is.
 * `size` = rows that fill the page (`Keyset.size`); `among` gives the page of the records that a relation with their `id`
 * names; `walk` the page of what is met along the next `walkedAtMost` rows.
 */
export async function searchedPage<Row>(
	db: Db,
	{ entity, q, size }: { entity: Entity; q: string; size: number },
	{ among, walk }: { among: (ids: SQL) => Promise<Row[]>; walk: (found: SQL) => Promise<Row[]> }
): Promise<Row[]> {
	const found = recordSearch('r', q);
	const matching = sql`select r.id from ${sql.identifier(entity.recordTable)} r where ${found}`;
	const hits = await db.execute<{ id: string }>(
		sql`select h.id::text as id from (${matching} limit ${fewAtMost + 1}) h`
	);
	if (hits.length <= fewAtMost) return among(sql`unnest(${idArray(hits.map(({ id }) => id))}::bigint[])`);
	const met = await walk(found);
	return met.length > size ? met : among(sql`(with h as materialized (${matching}) select h.id from h)`);
}
