import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
import type { Fields } from '#src/sync/fields.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Keyset, type Page } from './keyset.ts';
import {
	awaitingJson,
	exclusionJson,
	freeAt,
	type Awaiting,
	type FreeIn,
	type ListUnlinkedInput,
	type RecordExclusion
} from './list-unlinked-internal.ts';
import { freeExternalTable, freePastedExternal, isPastedExternal } from '#src/store/pasted/pasted-records.ts';
import { externalSearch, searchWords } from '#src/store/search-text.ts';
import { goesOn, lookedThrough } from './searched-page.ts';

export type UnlinkedExternal = {
	externalId: string;
	variantId: string;
	value: string | null;
	name: string | null;
	fields: Fields;
	url: string | null;
	seenAt: string;
	/** The best suggestion's score, null without one. */
	suggested: number | null;
	/** Why it waits, where it would be taken over. */
	awaiting: Awaiting | null;
	exclusion: RecordExclusion | null;
};

/** Records of the channel, as last seen, without a link to us, by their id. */
export async function listUnlinkedExternal(db: Db, input: ListUnlinkedInput): Promise<Page<UnlinkedExternal>> {
	const entity = entityNamed(input.entity);
	if (!entity || !isId(input.channelId)) return emptyPage();
	const excluded = input.excluded === true;
	const where = input.outside === true ? 'out-of-scope' : 'in-scope';
	const listId = isId(input.listId) ? input.listId : null;
	const name = `unlinked-external ${entity.name} ${input.channelId} ${excluded} ${where} ${listId ?? ''} ${input.q ?? ''}`;
	const sort = [
		{ column: sql`r.external_id`, type: 'text' as const },
		{ column: sql`r.external_variant_id`, type: 'text' as const }
	];
	const keys = keyset(name, sort, input);
	const page = sql`order by ${keys.orderBy} limit ${keys.limit}`;
	const search = externalSearch('r', input.q);
	const there = freeAt('r', entity, input.channelId);
	const rowsOf = (free: SQL) =>
		selectRows(
			db,
			keys,
			sql`select r.* from ${free} f join c_channel_record r on ${there} and r.external_id = f.external_id and r.external_variant_id = f.external_variant_id
				where ${search} ${page}`
		);
	const free = freeExternal(entity, { channelId: input.channelId, excluded, where, listId }, keys.where);
	if (searchWords(input.q).length === 0)
		return keys.page(await rowsOf(sql`(${free} order by ${keys.orderBy} limit ${keys.limit})`));
	const quick = await rowsOf(sql`(${free} order by ${keys.orderBy} limit ${lookedThrough})`);
	if (quick.length > keys.size || !(await goesOn(db, free))) return keys.page(quick);
	const hits = sql`(with hit as materialized (select r.external_id, r.external_variant_id from c_channel_record r where ${there} and ${search})
		select r.external_id, r.external_variant_id from hit r where ${keys.where} and (r.external_id, r.external_variant_id) in (${free}))`;
	return keys.page(await rowsOf(hits));
}

/** Records of the channel that the list is about, as their two ids; `within` is a condition on those of `r`. */
function freeExternal(entity: Entity, { channelId, excluded, where, listId }: FreeIn, within: SQL): SQL {
	if (excluded) {
		const some = listId === null ? within : sql`${within} and ${isPastedExternal(listId)}`;
		return excludedExternal(entity, channelId, some);
	}
	if (listId !== null) return freePastedExternal({ entity, channelId, listId, where }, within);
	return sql`select r.external_id, r.external_variant_id from ${freeExternalTable(where)} r where ${freeAt('r', entity, channelId)} and ${within}`;
}

async function selectRows(db: Db, keys: Keyset, records: SQL) {
	return db.execute<UnlinkedExternal & Keyed>(sql`
		select r.external_id as "externalId", r.external_variant_id as "variantId", r.fields ->> 'value' as value, r.fields ->> 'name' as name,
			r.fields, r.url, cm_iso(r.seen_at) as "seenAt",
			(select max(s.score) from c_channel_suggestion s where s.c_channel_id = r.c_channel_id and s.entity = r.entity
				and s.external_id = r.external_id and s.external_variant_id = r.external_variant_id) as suggested,
			(select ${awaitingJson} from sync_awaiting a where a.c_channel_id = r.c_channel_id and a.entity = r.entity and a.owner = 'external'
				and a.owner_id = r.external_id and a.external_variant_id = r.external_variant_id and not a.matching order by a.field limit 1) as awaiting,
			(select ${exclusionJson} from c_channel_exclusion x where x.c_channel_id = r.c_channel_id and x.entity = r.entity and x.kind = 'record'
				and x.external_id = r.external_id and x.external_variant_id = r.external_variant_id order by x.id limit 1) as exclusion,
			${keys.key} as "cursorKey"
		from (${records}) r
		order by ${keys.orderBy}`);
}

/** Records of the channel that are set aside and have no link, as their two ids; `within` is a condition on those of `r`. */
export function excludedExternal(entity: Entity, channelId: string, within: SQL): SQL {
	const { map, external } = linkTable(entity);
	return sql`select r.external_id, r.external_variant_id from (
			select distinct x.external_id, x.external_variant_id from c_channel_exclusion x
			where ${freeAt('x', entity, channelId)} and x.kind = 'record' and x.external_id is not null
		) r where ${within} and not exists (select 1 from ${map} m where m.c_channel_id = ${channelId}::bigint and m.${external} = r.external_id
				and m.external_variant_id = r.external_variant_id offset 0)
			and exists (select 1 from c_channel_record i where ${freeAt('i', entity, channelId)} and i.external_id = r.external_id
				and i.external_variant_id = r.external_variant_id and i.deleted_at is null offset 0)`;
}
