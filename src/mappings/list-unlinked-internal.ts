import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Page, type PageInput } from './keyset.ts';
import { recordSearch } from './search-text.ts';

/** A person said that this record takes no part. */
export type RecordExclusion = { id: string; reason: string; createdBy: string; createdAt: string };

export type UnlinkedInternal = {
	id: string;
	value: string;
	name: string;
	isActive: boolean;
	updatedAt: string;
	/** A create at the channel is under way or could not be confirmed. */
	intent: { state: 'open' | 'problem' } | null;
	/** The best suggestion's score, null without one. */
	suggested: number | null;
	exclusion: RecordExclusion | null;
};

export type ListUnlinkedInput = PageInput & {
	channelId: string;
	entity: string;
	q?: string | null;
	/** true: only excluded records; otherwise only those that take part. */
	excluded?: boolean | null;
};

/** Records of ours without a link to the channel, in the order in which they were made. */
export async function listUnlinkedInternal(db: Db, input: ListUnlinkedInput): Promise<Page<UnlinkedInternal>> {
	const entity = entityNamed(input.entity);
	if (!entity || !isId(input.channelId)) return emptyPage();
	const excluded = input.excluded === true;
	const name = `unlinked-internal ${entity.name} ${input.channelId} ${excluded} ${input.q ?? ''}`;
	const keys = keyset(name, [{ column: sql`r.id`, type: 'bigint' }], input);
	const rows = await db.execute<UnlinkedInternal & Keyed>(sql`
		select r.id::text as id, r.value, r.name, r.is_active as "isActive", cm_iso(r.updated_at) as "updatedAt",
			(select jsonb_build_object('state', i.state) from sync_intent i
				where i.c_channel_id = ${input.channelId}::bigint and i.entity = ${entity.name} and i.internal_id = r.id) as intent,
			(select max(s.score) from c_channel_suggestion s
				where s.c_channel_id = ${input.channelId}::bigint and s.entity = ${entity.name} and s.internal_id = r.id) as suggested,
			(select ${exclusionJson} from c_channel_exclusion x where ${recordExclusion(entity, input.channelId)} order by x.id limit 1) as exclusion,
			${keys.key} as "cursorKey"
		from (
			select r.* from ${sql.identifier(entity.recordTable)} r
			where ${recordSearch('r', input.q)} and ${unlinkedInternal(entity, input.channelId, excluded)} and ${keys.where}
			order by ${keys.orderBy} limit ${keys.limit}
		) r
		order by ${keys.orderBy}`);
	return keys.page(rows);
}

/** `RecordExclusion` of c_channel_exclusion `x` as JSON. */
export const exclusionJson = sql`jsonb_build_object('id', x.id::text, 'reason', x.reason, 'createdBy', x.created_by, 'createdAt', cm_iso(x.created_at))`;

/** Condition on a record of ours `r`: no link to the channel, and excluded or not. */
export function unlinkedInternal(entity: Entity, channelId: string, excluded: boolean): SQL {
	const { map, internal } = linkTable(entity);
	const linked = (which: SQL) =>
		sql`not exists (select 1 from ${map} m where m.c_channel_id = ${channelId}::bigint and m.${internal} = r.id and ${which})`;
	// Two questions, because the index of primary links answers the first one alone, in the order of the records.
	const free = sql`${linked(sql`m.is_primary`)} and ${linked(sql`not m.is_primary`)}`;
	const exclusion = sql`select x.internal_id from c_channel_exclusion x where x.c_channel_id = ${channelId}::bigint
		and x.entity = ${entity.name} and x.kind = 'record' and x.internal_id`;
	return excluded ? sql`${free} and r.id in (${exclusion} is not null)` : sql`${free} and not exists (${exclusion} = r.id)`;
}

function recordExclusion(entity: Entity, channelId: string): SQL {
	return sql`x.c_channel_id = ${channelId}::bigint and x.entity = ${entity.name} and x.kind = 'record' and x.internal_id = r.id`;
}
