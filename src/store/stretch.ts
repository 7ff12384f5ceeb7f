import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';

/** The first and the last of some texts, in the order of the database. */
export type Stretch = { first: string; last: string };

/** Fewer than this are looked up one by one anyway. */
const many = 100;

/**
 * The stretch of an index in which these ids stand, where they are two of three that stand there: reading it from end to
 * end is a third of the work that looking each of them up is. Null where others stand between them.
 *
 * @param at the rows `here` whose `column` these ids are of, in the order of an index.
 * @param ids as a text[] literal, so many of them.
 */
export async function stretchOf(
	tx: Transaction,
	at: { table: SQL; column: SQL; here: SQL },
	ids: string,
	count: number
): Promise<Stretch | null> {
	if (count < many) return null;
	const atMost = Math.ceil(1.5 * count);
	const [row] = await tx.execute<Stretch & { standing: number }>(sql`
		select e.first, e.last, (
			select count(*)::int from (select from ${at.table} where ${at.here} and ${at.column} between e.first and e.last limit ${atMost + 1}) s
		) as standing
		from (select min(id) as first, max(id) as last from unnest(${ids}::text[]) as k(id)) e`);
	return row && row.standing <= atMost ? { first: row.first, last: row.last } : null;
}
