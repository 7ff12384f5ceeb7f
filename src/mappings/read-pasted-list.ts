import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import {
	freePastedExternal,
	freePastedInternal,
	isPastedExternal,
	isPastedInternal,
	pastedExternal,
	pastedInternal,
	pastedLinks
} from '#src/store/pasted/pasted-records.ts';
import { isId } from './identifier.ts';
import { excludedExternal } from './list-unlinked-external.ts';
import { excludedInternal } from './list-unlinked-internal.ts';

/** In which list a pasted list is looked at. */
export type PastedPlace =
	| 'linked'
	| 'internal'
	| 'external'
	| 'internal-outside'
	| 'external-outside'
	| 'internal-excluded'
	| 'external-excluded';

export type PastedSummary = {
	id: string;
	owner: string;
	createdAt: string;
	/** Entries pasted; each of the next three counts entries, and together they are all. */
	entries: number;
	here: number;
	elsewhere: number;
	notFound: number;
	/** The first of those that mean no record. */
	missing: string[];
};

const missingShown = 100;

/** What became of a pasted list in one list of its channel and entity; null where there is no such list (any more). */
export async function readPastedList(
	db: Db,
	input: { listId: string; channelId: string; entity: Entity; place: PastedPlace }
): Promise<PastedSummary | null> {
	const { listId, channelId, entity, place } = input;
	if (!isId(listId) || !isId(channelId)) return null;
	const [row] = await db.execute<Omit<PastedSummary, 'elsewhere'> & { found: number }>(sql`
		select l.id::text as id, l.owner, cm_iso(l.created_at) as "createdAt", l.entries,
			(select count(distinct p.place)::int from (${placesIn(entity, channelId, listId, place)}) p) as here,
			l.entries - f.missing as found, f.missing as "notFound",
			coalesce((select jsonb_agg(t.entry order by t.place) from (
				select e.entry, e.place from sync_pasted_entry e where e.list_id = l.id and not e.found order by e.place limit ${missingShown}
			) t), '[]') as missing
		from sync_pasted_list l cross join lateral (
			select count(*)::int as missing from sync_pasted_entry e where e.list_id = l.id and not e.found
		) f
		where l.id = ${listId}::bigint and l.c_channel_id = ${channelId}::bigint and l.entity = ${entity.name}`);
	if (!row) return null;
	const { found, ...summary } = row;
	return { ...summary, elsewhere: Math.max(0, found - row.here) };
}

/** Every entry of a pasted list that means no record, in its order; null where the channel has no such list (any more). */
export async function pastedNotFound(db: Db, input: { listId: string; channelId: string }): Promise<string[] | null> {
	if (!isId(input.listId) || !isId(input.channelId)) return null;
	const rows = await db.execute<{ entry: string | null }>(sql`
		select e.entry from sync_pasted_list l left join sync_pasted_entry e on e.list_id = l.id and not e.found
		where l.id = ${input.listId}::bigint and l.c_channel_id = ${input.channelId}::bigint order by e.place`);
	return rows.length === 0 ? null : rows.flatMap(({ entry }) => (entry === null ? [] : [entry]));
}

/** Places of the entries that have a record in that list. */
function placesIn(entity: Entity, channelId: string, listId: string, place: PastedPlace): SQL {
	const ours = (records: SQL) => sql`select p.place from (${pastedInternal(listId)}) p where p.id in (${records})`;
	const theirs = (records: SQL) =>
		sql`select p.place from (${pastedExternal(listId)}) p where (p.external_id, p.external_variant_id) in (${records})`;
	const at = { entity, channelId, listId };
	const out = { ...at, where: 'out-of-scope' as const };
	switch (place) {
		case 'linked':
			return pastedLinks(entity, channelId, listId);
		case 'internal':
			return ours(freePastedInternal(at, sql`true`));
		case 'external':
			return theirs(freePastedExternal(at, sql`true`));
		case 'internal-outside':
			return ours(freePastedInternal(out, sql`true`));
		case 'external-outside':
			return theirs(freePastedExternal(out, sql`true`));
		case 'internal-excluded':
			return ours(excludedInternal(entity, channelId, isPastedInternal(listId)));
		case 'external-excluded':
			return theirs(excludedExternal(entity, channelId, isPastedExternal(listId)));
	}
}
