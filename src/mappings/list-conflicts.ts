import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';
import { entities } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
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

/** How many open conflicts have this entity, field and rule. */
export type ConflictFacet = { entity: string; field: string; rule: string; conflicts: number };

/** Conflicts that wait for a person, oldest first; or those a rule settled in the last 30 days, newest first. */
export async function listConflicts(db: Db, input: ListConflictsInput): Promise<Page<Conflict>> {
	const { state, channelId, entity, field, rule } = input;
	if (channelId && !isId(channelId)) return emptyPage();
	const name = JSON.stringify(['conflicts', state, channelId, entity, field, rule].map((part) => part ?? ''));
	const keys = keyset(name, [{ column: sql`k.id`, type: 'bigint', descending: state === 'settled' }], input);
	const recent = state === 'settled' ? sql`k.decided_at > now() - interval '30 days'` : sql`true`;
	const found = sql`select k.* from sync_conflict k where ${ofFilter(state, input)} and ${recent} and ${keys.where} order by ${keys.orderBy} limit ${keys.limit}`;
	const rows = await db.execute<Bare & Keyed>(bareConflicts(found, keys));
	return keys.page(await withRecords(db, rows));
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
	return executePlanned<ConflictFacet>(
		db,
		sql`select n.entity, n.field, n.rule, sum(n.conflicts)::int as conflicts from sync_conflict_count n
		where ${channelId ? sql`n.c_channel_id = ${channelId}::bigint` : sql`true`} and ${entity ? sql`n.entity = ${entity}` : sql`true`}
		group by 1, 2, 3 having sum(n.conflicts) > 0 order by 4 desc, 1, 2, 3`
	);
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

/** The conflicts of one link: the open ones, and the last ten that are not open any more. */
export async function conflictsOfLink(
	db: Db,
	{ entity, id }: { entity: string; id: string }
): Promise<{ open: Conflict[]; closed: Conflict[] }> {
	const ofLink = sql`from sync_conflict k where k.entity = ${entity} and k.link_id = ${id}::bigint`;
	const rows = await executePlanned<Bare & Keyed>(
		db,
		bareConflicts(
			sql`(select k.* ${ofLink} and k.state = 'open') union all (select k.* ${ofLink} and k.state <> 'open' order by k.id desc limit 10)`,
			{ key: sql`'[]'::jsonb`, orderBy: sql`k.id` }
		)
	);
	const all = await withRecords(
		db,
		rows.map(({ cursorKey: _, ...conflict }) => conflict)
	);
	return {
		open: all.filter(({ state }) => state === 'open'),
		closed: all.filter(({ state }) => state !== 'open').toReversed()
	};
}

/** A conflict without what other tables say of it. */
type Bare = Omit<Conflict, 'value' | 'name' | 'linked'>;

/** These rows of sync_conflict as `Bare`. */
function bareConflicts(rows: SQL, keys: { key: SQL; orderBy: SQL }): SQL {
	return sql`
		select k.id::text as id, k.c_channel_id::text as "channelId", c.name as "channelName", k.entity, k.link_id::text as "linkId",
			k.internal_id::text as "internalId", k.external_id as "externalId", k.external_variant_id as "variantId", k.field, k.base, k.internal,
			k.external, k.internal_rev as "internalRev", k.external_version as "externalVersion", k.state, k.rule, k.winner,
			k.reversed_by as "reversedBy", k.decided_by as "decidedBy", cm_iso(k.decided_at) as "decidedAt", cm_iso(k.created_at) as "createdAt",
			${keys.key} as "cursorKey"
		from (${rows}) k join c_channel c on c.id = k.c_channel_id
		order by ${keys.orderBy}`;
}

/**
 * The conflicts with code and name of our record, and whether their link is there. One look-up for each kind of record among
 * them: a statement that could ask for any kind takes longer to plan than all of these.
 */
async function withRecords<Row extends Bare>(
	db: Db,
	rows: readonly Row[]
): Promise<(Row & Pick<Conflict, 'value' | 'name' | 'linked'>)[]> {
	const known = new Map<string, Pick<Conflict, 'value' | 'name' | 'linked'>>();
	for (const entity of entities.filter(({ name }) => rows.some((row) => row.entity === name))) {
		const { map, external } = linkTable(entity);
		const asked = rows.flatMap((row) => (row.entity === entity.name ? [askedOf(row)] : []));
		const found = await executePlanned<Pick<Conflict, 'id' | 'value' | 'name' | 'linked'>>(
			db,
			sql`select k.id, r.value, r.name, m.id is not null as linked
			from jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb) as k(id text, record bigint, link bigint, external text, variant text)
			left join ${sql.identifier(entity.recordTable)} r on r.id = k.record
			left join ${map} m on m.id = k.link and m.${external} = k.external and m.external_variant_id = k.variant`
		);
		for (const { id, ...of } of found) known.set(id, of);
	}
	return rows.map((row) => ({ ...row, ...(known.get(row.id) ?? { value: null, name: null, linked: false }) }));
}

function askedOf({ id, internalId, linkId, externalId, variantId }: Bare) {
	return { id, record: internalId, link: linkId, external: externalId, variant: variantId };
}
