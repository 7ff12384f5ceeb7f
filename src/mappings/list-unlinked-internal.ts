import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Keyset, type Page, type PageInput } from './keyset.ts';
import { recordSearch, searchWords } from '#src/store/search-text.ts';

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

/** Where most records are free, the page is full after a look at so many. */
export const quickLook = 2000;

/** Records of ours without a link to the channel, in the order in which they were made. */
export async function listUnlinkedInternal(db: Db, input: ListUnlinkedInput): Promise<Page<UnlinkedInternal>> {
	const entity = entityNamed(input.entity);
	if (!entity || !isId(input.channelId)) return emptyPage();
	const excluded = input.excluded === true;
	const name = `unlinked-internal ${entity.name} ${input.channelId} ${excluded} ${input.q ?? ''}`;
	const keys = keyset(name, [{ column: sql`r.id`, type: 'bigint' }], input);
	const records = sql.identifier(entity.recordTable);
	const free = unlinkedInternal(entity, input.channelId, excluded);
	const page = sql`order by ${keys.orderBy} limit ${keys.limit}`;
	if (!excluded && searchWords(input.q).length === 0) {
		const near = sql`(select r.* from ${records} r where ${keys.where} order by ${keys.orderBy} limit ${quickLook}) r`;
		const quick = await selectRows(
			db,
			entity,
			input.channelId,
			keys,
			sql`select r.* from ${near} where ${unlinkedInternal(entity, input.channelId, false, true)} ${page}`
		);
		if (quick.length > keys.size) return keys.page(quick);
	}
	// Few are free among many: both sides are read once and compared as a whole, which beats asking for each.
	const found = sql`with free as materialized (select r.id from ${records} r where ${recordSearch('r', input.q)} and ${free} and ${keys.where})
		select r.* from (select r.* from free r ${page}) f join ${records} r on r.id = f.id`;
	return keys.page(await selectRows(db, entity, input.channelId, keys, found));
}

async function selectRows(db: Db, entity: Entity, channelId: string, keys: Keyset, records: SQL) {
	const here = (alias: string) =>
		sql`${sql.raw(alias)}.c_channel_id = ${channelId}::bigint and ${sql.raw(alias)}.entity = ${entity.name}`;
	return db.execute<UnlinkedInternal & Keyed>(sql`
		select r.id::text as id, r.value, r.name, r.is_active as "isActive", cm_iso(r.updated_at) as "updatedAt",
			(select jsonb_build_object('state', i.state) from sync_intent i where ${here('i')} and i.internal_id = r.id) as intent,
			(select max(s.score) from c_channel_suggestion s where ${here('s')} and s.internal_id = r.id) as suggested,
			(select ${exclusionJson} from c_channel_exclusion x where ${here('x')} and x.kind = 'record' and x.internal_id = r.id
				order by x.id limit 1) as exclusion,
			${keys.key} as "cursorKey"
		from (${records}) r
		order by ${keys.orderBy}`);
}

/** `RecordExclusion` of c_channel_exclusion `x` as JSON. */
export const exclusionJson = sql`jsonb_build_object('id', x.id::text, 'reason', x.reason, 'createdBy', x.created_by, 'createdAt', cm_iso(x.created_at))`;

/**
 * Condition on a record of ours `r`: no link to the channel, and excluded or not. `each`: asks the index for each record,
 * which is quick for a few; else the planner may compare the two tables as a whole.
 */
function unlinkedInternal(entity: Entity, channelId: string, excluded: boolean, each = false): SQL {
	const { map, internal } = linkTable(entity);
	const free = sql`not exists (select 1 from ${map} m where m.c_channel_id = ${channelId}::bigint and m.${internal} = r.id ${each ? sql`offset 0` : sql``})`;
	const exclusion = sql`select x.internal_id from c_channel_exclusion x where x.c_channel_id = ${channelId}::bigint
		and x.entity = ${entity.name} and x.kind = 'record' and x.internal_id`;
	return excluded
		? sql`${free} and r.id in (${exclusion} is not null)`
		: sql`${free} and not exists (${exclusion} = r.id)`;
}
