import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { idArray } from '#src/entities/record-store.ts';
import { foundIn, recordSearch } from '#src/store/search-text.ts';

/** Rows of a list that every search looks through first: where hits are frequent or the list is short, that is all it takes. */
export const lookedThrough = 1_000;
/** Rows that are looked through where the first ones had enough hits for the page to be filled within so many. */
const walkedAtMost = 30_000;
/** Records that few means: their ids are handed to the list's own query. */
const fewAtMost = 2_000;

/** The relation of what is met along a list: `part` selects the page of what is met in a window (LIMIT and OFFSET) of its rows. */
type Along = (part: (window: SQL) => SQL) => SQL;

/** How a list gives what is found in it. `size` = rows that fill the page (`Keyset.size`). */
export type SearchedList<Row> = {
	size: number;
	/** A record has this code: few have it in their text, and looking along the list first would be in vain. */
	wholeCode?: boolean;
	/** The page of what `along` meets, in the list's order. `found` is about `recordText` as `r.said`. */
	walk: (found: SQL, along: Along) => Promise<Row[]>;
	/** The list itself from the page's place on, in its order; any columns. */
	rows: SQL;
	/** The page of the records that a relation with their `id` names. */
	among: (ids: SQL) => Promise<Row[]>;
};

/**
 * A page of a searched list, in the list's order. Words that many records have are met soon by walking along the list;
 * words that few have are found by their index. Each way is slow at what the other is for (an index gives all of 100,000
 * hits before the first, a walk passes a million rows for one), and no planner knows which it is: a short walk tells.
 */
export async function searchedPage<Row>(
	db: Db,
	{ entity, q }: { entity: Entity; q: string },
	{ size, wholeCode = false, walk, rows, among }: SearchedList<Row>
): Promise<Row[]> {
	const found = foundIn(sql`r.said`, q);
	if (!wholeCode) {
		const met = await walk(found, (part) => metAlong(part, size));
		if (met.length > size || !(await goesOn(db, rows))) return met;
	}
	// Materialized: a limit would talk the planner into reading the table until so many are met.
	const hit = sql`with h as materialized (select r.id from ${sql.identifier(entity.recordTable)} r where ${recordSearch('r', q)})`;
	const few = await db.execute<{ id: string }>(sql`${hit} select h.id::text as id from h limit ${fewAtMost + 1}`);
	if (few.length > fewAtMost) return among(sql`(${hit} select h.id from h)`);
	return few.length === 0 ? [] : among(sql`unnest(${idArray(few.map(({ id }) => id))}::bigint[])`);
}

/** What is met in the first rows; where that is some of the page, and it would be filled so soon, what is met in those after them too. */
function metAlong(part: (window: SQL) => SQL, size: number): SQL {
	const enough = Math.ceil((lookedThrough * (size + 1)) / walkedAtMost);
	const further = sql`limit ${walkedAtMost - lookedThrough} offset ${lookedThrough}`;
	return sql`(with met as materialized (${part(sql`limit ${lookedThrough}`)})
		select * from met union all select * from (${part(further)}) later where (select count(*) from met) between ${enough} and ${size})`;
}

/** Whether the first look leaves anything of these rows. */
export async function goesOn(db: Db, rows: SQL): Promise<boolean> {
	const [row] = await db.execute<{ n: number }>(
		sql`select count(*)::int as n from (select 1 from (${rows}) r limit ${lookedThrough + 1}) n`
	);
	return (row?.n ?? 0) > lookedThrough;
}
