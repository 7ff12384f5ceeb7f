import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { entities } from '#src/entities/registry.ts';
import type { Value } from '#src/sync/fields.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Page, type PageInput } from './keyset.ts';

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
	decidedBy: string | null;
	decidedAt: string | null;
	createdAt: string;
};

export type ListConflictsInput = PageInput & {
	state: 'open' | 'settled';
	channelId?: string | null;
	entity?: string | null;
};

/** Conflicts that wait for a person, oldest first; or those a rule settled in the last 30 days, newest first. */
export async function listConflicts(db: Db, input: ListConflictsInput): Promise<Page<Conflict>> {
	const { state, channelId, entity } = input;
	if (channelId && !isId(channelId)) return emptyPage();
	const name = `conflicts ${state} ${channelId ?? ''} ${entity ?? ''}`;
	const keys = keyset(name, [{ column: sql`k.id`, type: 'bigint', descending: state === 'settled' }], input);
	const recent = state === 'settled' ? sql`k.decided_at > now() - interval '30 days'` : sql`true`;
	const rows = await selectConflicts(
		db,
		sql`k.state = ${state} and ${recent} and ${channelId ? sql`k.c_channel_id = ${channelId}::bigint` : sql`true`}
			and ${entity ? sql`k.entity = ${entity}` : sql`true`} and ${keys.where} order by ${keys.orderBy} limit ${keys.limit}`,
		keys
	);
	return keys.page(rows);
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
			k.decided_by as "decidedBy", cm_iso(k.decided_at) as "decidedAt", cm_iso(k.created_at) as "createdAt", ${keys.key} as "cursorKey"
		from (select k.* from sync_conflict k where ${condition}) k join c_channel c on c.id = k.c_channel_id
		order by ${keys.orderBy}`);
	return [...rows];
}

/** `value` or `name` of the record of ours that `k` (entity, internal_id) names, whatever its entity. */
function ofRecord(column: 'value' | 'name'): SQL {
	const cases = entities.map(
		(entity) =>
			sql`when ${entity.name} then (select r.${sql.identifier(column)} from ${sql.identifier(entity.recordTable)} r where r.id = k.internal_id)`
	);
	return sql`case k.entity ${sql.join(cases, sql` `)} end`;
}
