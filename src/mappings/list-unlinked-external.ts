import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
import type { Fields } from '#src/sync/fields.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Keyset, type Page } from './keyset.ts';
import { exclusionJson, quickLook, type ListUnlinkedInput, type RecordExclusion } from './list-unlinked-internal.ts';
import { externalSearch, searchWords } from '#src/store/search-text.ts';

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
	exclusion: RecordExclusion | null;
};

/** Records of the channel, as last seen, without a link to us, by their id. */
export async function listUnlinkedExternal(db: Db, input: ListUnlinkedInput): Promise<Page<UnlinkedExternal>> {
	const entity = entityNamed(input.entity);
	if (!entity || !isId(input.channelId)) return emptyPage();
	const excluded = input.excluded === true;
	const name = `unlinked-external ${entity.name} ${input.channelId} ${excluded} ${input.q ?? ''}`;
	const sort = [
		{ column: sql`r.external_id`, type: 'text' as const },
		{ column: sql`r.external_variant_id`, type: 'text' as const }
	];
	const keys = keyset(name, sort, input);
	const there = sql`r.c_channel_id = ${input.channelId}::bigint and r.entity = ${entity.name} and r.deleted_at is null`;
	const free = unlinkedExternal(entity, input.channelId, excluded);
	const page = sql`order by ${keys.orderBy} limit ${keys.limit}`;
	if (!excluded && searchWords(input.q).length === 0) {
		const near = sql`(select r.* from c_channel_record r where ${there} and ${keys.where} order by ${keys.orderBy} limit ${quickLook}) r`;
		const quick = await selectRows(
			db,
			keys,
			sql`select r.* from ${near} where ${unlinkedExternal(entity, input.channelId, false, true)} ${page}`
		);
		if (quick.length > keys.size) return keys.page(quick);
	}
	const found = sql`with free as materialized (
			select r.c_channel_id, r.entity, r.external_id, r.external_variant_id from c_channel_record r
			where ${there} and ${externalSearch('r', input.q)} and ${free} and ${keys.where}
		)
		select r.* from (select r.* from free r ${page}) f join c_channel_record r using (c_channel_id, entity, external_id, external_variant_id)`;
	return keys.page(await selectRows(db, keys, found));
}

async function selectRows(db: Db, keys: Keyset, records: SQL) {
	return db.execute<UnlinkedExternal & Keyed>(sql`
		select r.external_id as "externalId", r.external_variant_id as "variantId", r.fields ->> 'value' as value, r.fields ->> 'name' as name,
			r.fields, r.url, cm_iso(r.seen_at) as "seenAt",
			(select max(s.score) from c_channel_suggestion s where s.c_channel_id = r.c_channel_id and s.entity = r.entity
				and s.external_id = r.external_id and s.external_variant_id = r.external_variant_id) as suggested,
			(select ${exclusionJson} from c_channel_exclusion x where x.c_channel_id = r.c_channel_id and x.entity = r.entity and x.kind = 'record'
				and x.external_id = r.external_id and x.external_variant_id = r.external_variant_id order by x.id limit 1) as exclusion,
			${keys.key} as "cursorKey"
		from (${records}) r
		order by ${keys.orderBy}`);
}

/** Condition on a record of the channel `r` (c_channel_record): no link to us, and excluded or not. `each` as with our records. */
function unlinkedExternal(entity: Entity, channelId: string, excluded: boolean, each = false): SQL {
	const { map, external } = linkTable(entity);
	const exclusion = sql`exists (select 1 from c_channel_exclusion x where x.c_channel_id = ${channelId}::bigint and x.entity = ${entity.name}
		and x.kind = 'record' and x.external_id = r.external_id and x.external_variant_id = r.external_variant_id)`;
	return sql`not exists (select 1 from ${map} m where m.c_channel_id = ${channelId}::bigint and m.${external} = r.external_id
			and m.external_variant_id = r.external_variant_id ${each ? sql`offset 0` : sql``})
		and ${excluded ? exclusion : sql`not ${exclusion}`}`;
}
