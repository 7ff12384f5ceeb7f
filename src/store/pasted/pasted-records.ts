import { sql, type SQL } from 'drizzle-orm';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from '../link-state.ts';

// From the few records of a pasted list to what the large tables hold of them: each is looked up by index.

/** Links of one channel that a pasted list means by either of their records, as `id` and the `place` of the entry. */
export function pastedLinks(entity: Entity, channelId: string, listId: string): SQL {
	const { map, internal, external } = linkTable(entity);
	const hits = sql`sync_pasted_hit h cross join lateral`;
	return sql`
		select m.id, h.place from ${hits} (
			select m.id from ${map} m where m.c_channel_id = ${channelId}::bigint and m.${internal} = h.internal_id offset 0
		) m where h.list_id = ${listId}::bigint and h.internal_id is not null
		union
		select m.id, h.place from ${hits} (
			select m.id from ${map} m where m.c_channel_id = ${channelId}::bigint and m.${external} = h.external_id
				and m.external_variant_id = h.external_variant_id offset 0
		) m where h.list_id = ${listId}::bigint and h.external_id is not null`;
}

/** Records of ours that a pasted list means, as `id` and `place`. */
export function pastedInternal(listId: string): SQL {
	return sql`select h.internal_id as id, h.place from sync_pasted_hit h where h.list_id = ${listId}::bigint and h.internal_id is not null`;
}

/** Records of the channel that a pasted list means, as `external_id`, `external_variant_id` and `place`. */
export function pastedExternal(listId: string): SQL {
	return sql`select h.external_id, h.external_variant_id, h.place from sync_pasted_hit h where h.list_id = ${listId}::bigint and h.external_id is not null`;
}

/** Condition on `r.id`: our record is in this pasted list. */
export function isPastedInternal(listId: string): SQL {
	return sql`r.id in (select p.id from (${pastedInternal(listId)}) p)`;
}

/** Condition on `r.external_id` and `r.external_variant_id`: the channel's record is in this pasted list. */
export function isPastedExternal(listId: string): SQL {
	return sql`(r.external_id, r.external_variant_id) in (select p.external_id, p.external_variant_id from (${pastedExternal(listId)}) p)`;
}

/** Free records that take part are kept in one table, those out of scope in another. */
export type FreeWhere = 'in-scope' | 'out-of-scope';

/** The table of our free records. */
export function freeInternalTable(where: FreeWhere): SQL {
	return where === 'in-scope' ? sql`sync_unlinked_internal` : sql`sync_outside_internal`;
}

/** The table of a channel's free records. */
export function freeExternalTable(where: FreeWhere): SQL {
	return where === 'in-scope' ? sql`sync_unlinked_external` : sql`sync_outside_external`;
}

type Pasted = { entity: Entity; channelId: string; listId: string; where?: FreeWhere };

/** Free records of ours of a pasted list, as `id` under the alias `r`; `within` is a condition on them. */
export function freePastedInternal({ entity, channelId, listId, where = 'in-scope' }: Pasted, within: SQL): SQL {
	return sql`select r.id from (select distinct p.id from (${pastedInternal(listId)}) p) r where ${within}
		and exists (select 1 from ${freeInternalTable(where)} u where u.c_channel_id = ${channelId}::bigint and u.entity = ${entity.name} and u.internal_id = r.id offset 0)`;
}

/** Free records of the channel of a pasted list, as their two ids under the alias `r`. */
export function freePastedExternal({ entity, channelId, listId, where = 'in-scope' }: Pasted, within: SQL): SQL {
	return sql`select r.external_id, r.external_variant_id from (
			select distinct p.external_id, p.external_variant_id from (${pastedExternal(listId)}) p
		) r where ${within} and exists (
			select 1 from ${freeExternalTable(where)} u where u.c_channel_id = ${channelId}::bigint and u.entity = ${entity.name} and u.external_id = r.external_id
				and u.external_variant_id = r.external_variant_id offset 0)`;
}
