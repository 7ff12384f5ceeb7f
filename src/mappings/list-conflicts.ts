import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { entities } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
import type { Value } from '#src/sync/fields.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Page, type PageInput } from './keyset.ts';
import { countAtMost } from './unlinked-counts.ts';

/** One field that both sides changed. */
export type Conflict = {
	id: string;
	channelId: string;
	channelName: string;
	entity: string;
	linkId: string;
	internalId: string;
	value: string | null;
	name: string | null;
	externalId: string;
	variantId: string;
	field: string;
	base: Value;
	internal: Value;
	external: Value;
	internalRev: string;
	externalVersion: string | null;
	state: 'open' | 'settled' | 'resolved' | 'gone';
	rule: string;
	winner: 'internal' | 'external' | null;
	reversedBy: string | null;
	/** Its link is there still, between the same two. */
	linked: boolean;
	decidedBy: string | null;
	decidedAt: string | null;
	createdAt: string;
};

export type ConflictFilter = {
	channelId?: string | null | undefined;
	entity?: string | null | undefined;
	/** Name of the field; of all entities where `entity` is not given. */
	field?: string | null | undefined;
	/** The rule that asked or settled. */
	rule?: string | null | undefined;
};

export type ListConflictsInput = PageInput & ConflictFilter & { state: 'open' | 'settled' };

/** How many conflicts of the inbox have this entity, field and rule. Counted up to 10,000 rows. */
export type ConflictFacet = { entity: string; field: string; rule: string; conflicts: number };

/** Conflicts that wait for a person, oldest first; or those a rule settled in the last 30 days, newest first. */
export async function listConflicts(db: Db, input: ListConflictsInput): Promise<Page<Conflict>> {
	const { state, channelId, entity, field, rule } = input;
	if (channelId && !isId(channelId)) return emptyPage();
	const name = JSON.stringify(['conflicts', state, channelId, entity, field, rule].map((part) => part ?? ''));
	const keys = keyset(name, [{ column: sql`k.id`, type: 'bigint', descending: state === 'settled' }], input);
	const recent = state === 'settled' ? sql`k.decided_at > now() - interval '30 days'` : sql`true`;
	const rows = await selectConflicts(
		db,
		sql`${ofFilter(state, input)} and ${recent} and ${keys.where} order by ${keys.orderBy} limit ${keys.limit}`,
		keys
	);
	return keys.page(rows);
}

/** Rows of sync_conflict `k` in this state that the filter lets through; `channelId` must be an id. */
export function ofFilter(state: 'open' | 'settled', { channelId, entity, field, rule }: ConflictFilter): SQL {
	return sql`k.state = ${state} and ${channelId ? sql`k.c_channel_id = ${channelId}::bigint` : sql`true`}
		and ${entity ? sql`k.entity = ${entity}` : sql`true`} and ${field ? sql`k.field = ${field}` : sql`true`}
		and ${rule ? sql`k.rule = ${rule}` : sql`true`}`;
}

/** What the open conflicts of a channel, or of all, are about: most frequent first. */
export async function conflictFacets(db: Db, { channelId, entity }: ConflictFilter): Promise<ConflictFacet[]> {
	if (channelId && !isId(channelId)) return [];
	const rows = await db.execute<ConflictFacet>(sql`
		select k.entity, k.field, k.rule, count(*)::int as conflicts
		from (select k.entity, k.field, k.rule from sync_conflict k where ${ofFilter('open', { channelId, entity })} limit ${countAtMost}) k
		group by 1, 2, 3 order by 4 desc, 1, 2, 3`);
	return [...rows];
}

/** The link of the open conflict after this link's ones, going round; null where no other link has one. */
export async function nextConflict(
	db: Db,
	at: { channelId: string; entity: string; linkId: string }
): Promise<{ entity: string; linkId: string } | null> {
	if (!isId(at.channelId) || !isId(at.linkId)) return null;
	const [row] = await db.execute<{ entity: string; linkId: string }>(sql`
		with here as (
			select coalesce(max(k.id), 0) as id from sync_conflict k where k.entity = ${at.entity} and k.link_id = ${at.linkId}::bigint
		), others as (
			select k.id, k.entity, k.link_id from sync_conflict k
			where ${ofFilter('open', { channelId: at.channelId })} and (k.entity, k.link_id) <> (${at.entity}, ${at.linkId}::bigint)
		)
		select n.entity, n.link_id::text as "linkId" from (
			(select 1 as round, o.* from others o, here where o.id > here.id order by o.id limit 1)
			union all (select 2, o.* from others o order by o.id limit 1)
		) n order by n.round limit 1`);
	return row ?? null;
}

/** Rows of sync_conflict `k` as `Conflict`; `condition` may carry order and limit. */
export async function selectConflicts(
	db: Db,
	condition: SQL,
	keys: { key: SQL; orderBy: SQL }
): Promise<(Conflict & Keyed)[]> {
	const rows = await db.execute<Conflict & Keyed>(sql`
		select k.id::text as id, k.c_channel_id::text as "channelId", c.name as "channelName", k.entity, k.link_id::text as "linkId",
			k.internal_id::text as "internalId", ${ofRecord('value')} as value, ${ofRecord('name')} as name,
			k.external_id as "externalId", k.external_variant_id as "variantId", k.field, k.base, k.internal, k.external,
			k.internal_rev as "internalRev", k.external_version as "externalVersion", k.state, k.rule, k.winner, k.reversed_by as "reversedBy",
			${linkIsThere()} as linked,
			k.decided_by as "decidedBy", cm_iso(k.decided_at) as "decidedAt", cm_iso(k.created_at) as "createdAt", ${keys.key} as "cursorKey"
		from (select k.* from sync_conflict k where ${condition}) k join c_channel c on c.id = k.c_channel_id
		order by ${keys.orderBy}`);
	return [...rows];
}

/** Whether the link that `k` (entity, link_id) names is there, whatever its entity. */
function linkIsThere(): SQL {
	const cases = entities.map(
		(entity) =>
			sql`when ${entity.name} then exists (select 1 from ${linkTable(entity).map} m where m.id = k.link_id
				and m.${linkTable(entity).external} = k.external_id and m.external_variant_id = k.external_variant_id offset 0)`
	);
	return sql`coalesce(case k.entity ${sql.join(cases, sql` `)} end, false)`;
}

/** `value` or `name` of the record of ours that `k` (entity, internal_id) names, whatever its entity. */
function ofRecord(column: 'value' | 'name'): SQL {
	const cases = entities.map(
		(entity) =>
			sql`when ${entity.name} then (select r.${sql.identifier(column)} from ${sql.identifier(entity.recordTable)} r where r.id = k.internal_id)`
	);
	return sql`case k.entity ${sql.join(cases, sql` `)} end`;
}
