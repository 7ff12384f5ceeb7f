import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { externalKeys } from '#src/store/find-references.ts';
import { heldEntityOf } from '#src/sync/held-target.ts';
import { valueTableOf } from '#src/sync/value-table.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Page, type PageInput } from './keyset.ts';

/** A record without a link that others point to, and how many wait for it. */
export type AwaitedRow = {
	channelId: string;
	channelName: string;
	/** Its entity; of one that waits for itself its own. */
	entity: string;
	/** The value table, where it is a value that has no pair there. */
	table: string | null;
	/** It waits for itself: its own values must be put right. */
	isHeld: boolean;
	/** Code and name of one that waits for itself, as last seen, at most 200 characters; null for others. */
	record: string | null;
	/** Whose record it is. */
	side: 'internal' | 'external';
	/** Its raw id on that side. */
	id: string;
	/** What finds it among the channel's records; of one with variants the id that they share. */
	search: string;
	waiting: number;
	/** What one of the waiting says. */
	message: string;
	hint: string;
};

/** What is waited for: one row for each record that has to be linked first. */
export async function listAwaiting(
	db: Db,
	input: PageInput & { channelId?: string | null }
): Promise<Page<AwaitedRow>> {
	const { channelId } = input;
	if (channelId && !isId(channelId)) return emptyPage();
	const sort = [
		{ column: sql`a.c_channel_id`, type: 'bigint' as const },
		{ column: sql`a.to_entity`, type: 'text' as const },
		{ column: sql`a.side`, type: 'text' as const },
		{ column: sql`a.ref_id`, type: 'text' as const }
	];
	const keys = keyset(`awaiting ${channelId ?? ''}`, sort, input);
	const rows = await db.execute<Omit<AwaitedRow, 'search'> & Keyed>(sql`
		select a.c_channel_id::text as "channelId", c.name as "channelName", a.to_entity as entity, a.side, a.ref_id as id, a.waiting,
			(select left(concat_ws(' ', r.fields ->> 'value', r.fields ->> 'name'), 200) from c_channel_record r
				where r.c_channel_id = a.c_channel_id and r.entity = w.entity and w.owner = 'external' and r.external_id = w.owner_id
					and r.external_variant_id = w.external_variant_id) as record,
			w.problem ->> 'message' as message, w.problem ->> 'hint' as hint, ${keys.key} as "cursorKey"
		from (
			select a.c_channel_id, a.to_entity, a.side, a.ref_id, count(*)::int as waiting from sync_awaiting a
			where ${channelId ? sql`a.c_channel_id = ${channelId}::bigint` : sql`true`} and not a.matching and ${keys.where}
			group by a.c_channel_id, a.to_entity, a.side, a.ref_id order by ${keys.orderBy} limit ${keys.limit}
		) a join c_channel c on c.id = a.c_channel_id
		cross join lateral (
			select s.entity, s.owner, s.owner_id, s.external_variant_id, s.problem from sync_awaiting s
			where s.c_channel_id = a.c_channel_id and s.to_entity = a.to_entity and s.side = a.side and s.ref_id = a.ref_id and not s.matching limit 1
		) w
		order by ${keys.orderBy}`);
	const page = keys.page(rows);
	const rowsOf = page.rows.map((row) => {
		const held = heldEntityOf(row.entity);
		return {
			...row,
			search: externalKeys(row.id).at(-1)?.id ?? row.id,
			entity: held ?? row.entity,
			table: valueTableOf(row.entity),
			isHeld: held !== null,
			record: held === null ? null : row.record || row.id
		};
	});
	return { ...page, rows: rowsOf };
}
