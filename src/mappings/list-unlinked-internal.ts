import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Keyset, type Page, type PageInput } from './keyset.ts';
import {
	freeInternalTable,
	freePastedInternal,
	isPastedInternal,
	type FreeWhere
} from '#src/store/pasted/pasted-records.ts';
import { recordSearch, searchWords } from '#src/store/search-text.ts';
import { goesOn, lookedThrough } from './searched-page.ts';

/** What a record waits for before it is created on the other side. */
export type Awaiting = { message: string; hint: string };

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
	/** Why it waits, where it would be created. */
	awaiting: Awaiting | null;
	exclusion: RecordExclusion | null;
};

export type ListUnlinkedInput = PageInput & {
	channelId: string;
	entity: string;
	q?: string | null;
	/** true: only excluded records; otherwise only those that are not. */
	excluded?: boolean | null;
	/** true: only records that are out of scope and not excluded; otherwise only those in scope. */
	outside?: boolean | null;
	/** Only records of this pasted list. */
	listId?: string | null;
};

/** Records of ours without a link to the channel, in the order in which they were made. */
export async function listUnlinkedInternal(db: Db, input: ListUnlinkedInput): Promise<Page<UnlinkedInternal>> {
	const entity = entityNamed(input.entity);
	if (!entity || !isId(input.channelId)) return emptyPage();
	const excluded = input.excluded === true;
	const where = input.outside === true ? 'out-of-scope' : 'in-scope';
	const listId = isId(input.listId) ? input.listId : null;
	const name = `unlinked-internal ${entity.name} ${input.channelId} ${excluded} ${where} ${listId ?? ''} ${input.q ?? ''}`;
	const keys = keyset(name, [{ column: sql`r.id`, type: 'bigint' }], input);
	const records = sql.identifier(entity.recordTable);
	const page = sql`order by ${keys.orderBy} limit ${keys.limit}`;
	const search = recordSearch('r', input.q);
	const rowsOf = (free: SQL) =>
		selectRows(
			db,
			entity,
			input.channelId,
			keys,
			sql`select r.* from ${free} f join ${records} r on r.id = f.id where ${search} ${page}`
		);
	const free = freeInternal(entity, { channelId: input.channelId, excluded, where, listId }, keys.where);
	if (searchWords(input.q).length === 0)
		return keys.page(await rowsOf(sql`(${free} order by ${keys.orderBy} limit ${keys.limit})`));
	const quick = await rowsOf(sql`(${free} order by ${keys.orderBy} limit ${lookedThrough})`);
	if (quick.length > keys.size || !(await goesOn(db, free))) return keys.page(quick);
	// Hits are rare: they come from the index of texts, and each is looked up among the free ones.
	const hits = sql`(with hit as materialized (select r.id from ${records} r where ${search}) select r.id from hit r where ${keys.where} and r.id in (${free}))`;
	return keys.page(await rowsOf(hits));
}

/** Which free records a list is about. */
export type FreeIn = { channelId: string; excluded: boolean; where: FreeWhere; listId: string | null };

/** Records of ours that the list is about, as `id`; `within` is a condition on `r.id`. */
function freeInternal(entity: Entity, { channelId, excluded, where, listId }: FreeIn, within: SQL): SQL {
	if (excluded) {
		const some = listId === null ? within : sql`${within} and ${isPastedInternal(listId)}`;
		return excludedInternal(entity, channelId, some);
	}
	if (listId !== null) return freePastedInternal({ entity, channelId, listId, where }, within);
	return sql`select r.id from (select u.internal_id as id from ${freeInternalTable(where)} u where ${freeAt('u', entity, channelId)}) r where ${within}`;
}

/** Condition on a table of free records by its alias: of this channel and entity. */
export function freeAt(alias: string, entity: Entity, channelId: string): SQL {
	const a = sql.raw(alias);
	return sql`${a}.c_channel_id = ${channelId}::bigint and ${a}.entity = ${entity.name}`;
}

/** Records of ours that are set aside and have no link, as `id`; `within` is a condition on `r.id`. */
export function excludedInternal(entity: Entity, channelId: string, within: SQL): SQL {
	const { map, internal } = linkTable(entity);
	return sql`select r.id from (
			select distinct x.internal_id as id from c_channel_exclusion x
			where ${freeAt('x', entity, channelId)} and x.kind = 'record' and x.internal_id is not null
		) r where ${within} and not exists (select 1 from ${map} m where m.c_channel_id = ${channelId}::bigint and m.${internal} = r.id offset 0)
			and exists (select 1 from ${sql.identifier(entity.recordTable)} i where i.id = r.id offset 0)`;
}

async function selectRows(db: Db, entity: Entity, channelId: string, keys: Keyset, records: SQL) {
	const here = (alias: string) =>
		sql`${sql.raw(alias)}.c_channel_id = ${channelId}::bigint and ${sql.raw(alias)}.entity = ${entity.name}`;
	return db.execute<UnlinkedInternal & Keyed>(sql`
		select r.id::text as id, r.value, r.name, r.is_active as "isActive", cm_iso(r.updated_at) as "updatedAt",
			(select jsonb_build_object('state', i.state) from sync_intent i where ${here('i')} and i.internal_id = r.id) as intent,
			(select max(s.score) from c_channel_suggestion s where ${here('s')} and s.internal_id = r.id) as suggested,
			(select ${awaitingJson} from sync_awaiting a where ${here('a')} and a.owner = 'internal' and a.owner_id = r.id::text and not a.matching
				order by a.field limit 1) as awaiting,
			(select ${exclusionJson} from c_channel_exclusion x where ${here('x')} and x.kind = 'record' and x.internal_id = r.id
				order by x.id limit 1) as exclusion,
			${keys.key} as "cursorKey"
		from (${records}) r
		order by ${keys.orderBy}`);
}

/** `Awaiting` of sync_awaiting `a` as JSON. */
export const awaitingJson = sql`jsonb_build_object('message', a.problem ->> 'message', 'hint', a.problem ->> 'hint')`;

/** `RecordExclusion` of c_channel_exclusion `x` as JSON. */
export const exclusionJson = sql`jsonb_build_object('id', x.id::text, 'reason', x.reason, 'createdBy', x.created_by, 'createdAt', cm_iso(x.created_at))`;
