import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { LinkProblem } from '#src/entities/map-table.ts';
import { linkTable } from '#src/store/link-state.ts';
import { pastedLinks } from '#src/store/pasted/pasted-records.ts';
import { recordSearch, recordText } from '#src/store/search-text.ts';
import { matchCode } from '#src/sync/match-code.ts';
import { linkStatuses, type LinkStatus } from '#src/sync/outcome.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Keyset, type Page, type PageInput, type SortColumn } from './keyset.ts';
import { searchedPage } from './searched-page.ts';

export type LinkRow = {
	id: string;
	internalId: string;
	/** Null where our record is gone. */
	value: string | null;
	name: string | null;
	externalId: string;
	variantId: string;
	externalName: string | null;
	externalUrl: string | null;
	isPrimary: boolean;
	status: LinkStatus;
	waiting: string | null;
	problem: LinkProblem | null;
	syncedAt: string | null;
};

export type ListLinksInput = PageInput & {
	channelId: string;
	entity: string;
	/** One status, or anything else for all. */
	status?: string | null;
	/** Code and name of our record, or the whole external id. */
	q?: string | null;
	/** Only links of this pasted list. */
	listId?: string | null;
};

const exactAtMost = 20;

/**
 * Links of one channel and entity in the order in which they were made; those of all statuses that a search finds in the order in
 * which their records were, along which words are met soonest. A code or an external id that is hit exactly leaves out the rest.
 */
export async function listLinks(db: Db, input: ListLinksInput): Promise<Page<LinkRow>> {
	const entity = entityNamed(input.entity);
	if (!entity || !isId(input.channelId)) return emptyPage();
	const { map, internal } = linkTable(entity);
	const status = linkStatuses.find((known) => known === input.status);
	const scope = sql`m.c_channel_id = ${input.channelId}::bigint and ${status ? sql`m.status = ${status}` : sql`true`}`;
	const q = input.q?.replaceAll('\0', '').trim() ?? '';
	const listId = isId(input.listId) ? input.listId : null;
	const name = `links ${entity.name} ${input.channelId} ${status ?? ''} ${q}${listId === null ? '' : ` in ${listId}`}`;
	const sort: SortColumn[] = [{ column: sql`m.id`, type: 'bigint' }];
	const byRecord = q !== '' && listId === null && !status;
	if (byRecord) sort.unshift({ column: sql`m.${internal}`, type: 'bigint' });
	const keys = keyset(name, sort, input);
	const pageOf = (from: SQL, where: SQL) =>
		selectLinks(db, entity, {
			from: sql`(select m.* from ${from} where ${scope} and ${where} and ${keys.where} order by ${keys.orderBy} limit ${keys.limit}) m`,
			key: keys.key,
			orderBy: keys.orderBy
		});
	if (listId !== null)
		return keys.page(await pageOf(pastedFrom(entity, { channelId: input.channelId, listId, q }), sql`true`));
	if (q === '') return keys.page(await pageOf(sql`${map} m`, sql`true`));
	const exact = await exactLinks(db, entity, scope, q);
	// A code or an id that is there is what was meant.
	if (exact.length > 0) return { ...emptyPage(), rows: exact };
	const along = byRecord ? alongRecords(entity, scope, keys) : alongLinks(entity, scope, keys);
	const rows = await searchedPage(
		db,
		{ entity, q },
		{
			size: keys.size,
			rows: along.rows,
			among: (ids) => pageOf(sql`${ids} h(id) join ${map} m on m.${internal} = h.id`, sql`true`),
			walk: (found, met) => {
				const part = (window: SQL) => sql`
					select m.* from ${along.texts(window)} where ${found} and ${keys.where} order by ${along.orderBy} limit ${keys.limit}`;
				return pageOf(sql`${met(part)} m`, sql`true`);
			}
		}
	);
	return keys.page(rows);
}

/**
 * What a search passes on its way, and links `m` with the text of their records `r` along a window of it. They come in the order
 * that `orderBy` asks for, so that nothing is sorted and the first ones that fill the page are the last that are looked at.
 */
type Along = { rows: SQL; texts: (window: SQL) => SQL; orderBy: SQL };

/** One record after the other, each with its links: half the work of going from link to link. */
function alongRecords(entity: Entity, scope: SQL, keys: Keyset): Along {
	const { map, internal } = linkTable(entity);
	const at = keys.along(sql`r.id`);
	const rows = sql`select r.id, ${recordText('r')} as said from ${sql.identifier(entity.recordTable)} r where ${at.where} order by ${at.orderBy}`;
	const links = sql`select m.* from ${map} m where ${scope} and m.${internal} = r.id order by ${keys.orderBy} offset 0`;
	return {
		rows,
		texts: (window) => sql`(${rows} ${window}) r cross join lateral (${links}) m`,
		orderBy: at.orderBy
	};
}

/** One link after the other, where a status leaves few of them. Record by record: the planner would ask the index of words here too. */
function alongLinks(entity: Entity, scope: SQL, keys: Keyset): Along {
	const { map, internal } = linkTable(entity);
	const rows = sql`select m.* from ${map} m where ${scope} and ${keys.where} order by ${keys.orderBy}`;
	const text = sql`select ${recordText('r')} as said from ${sql.identifier(entity.recordTable)} r where r.id = m.${internal} offset 0`;
	return {
		rows,
		texts: (window) => sql`(${rows} ${window}) m cross join lateral (${text}) r`,
		orderBy: keys.orderBy
	};
}

/** Links of a pasted list, searched one by one: they are few. */
function pastedFrom(entity: Entity, { channelId, listId, q }: { channelId: string; listId: string; q: string }): SQL {
	const { map, internal, external } = linkTable(entity);
	const links = sql`(select distinct p.id from (${pastedLinks(entity, channelId, listId)}) p) h
		cross join lateral (select l.* from ${map} l where l.id = h.id offset 0) m`;
	if (q === '') return links;
	return sql`${links} left join ${sql.identifier(entity.recordTable)} r on r.id = m.${internal}
		join lateral (select 1) f on m.${external} = ${q} or (r.id is not null and ${recordSearch('r', q)})`;
}

/** Links whose external id, or whose record's code however it is spelled, is `q`. */
async function exactLinks(db: Db, entity: Entity, scope: SQL, q: string): Promise<LinkRow[]> {
	const { map, internal, external } = linkTable(entity);
	const code = matchCode(q);
	const byCode = sql`select r.id from ${sql.identifier(entity.recordTable)} r where match_code(r.value) = ${code}`;
	const rows = await selectLinks(db, entity, {
		from: sql`(
			(select m.* from ${map} m where ${scope} and m.${external} = ${q} order by m.id limit ${exactAtMost})
			union (select m.* from ${map} m where ${scope} and m.${internal} in (${byCode}) order by m.id limit ${exactAtMost})
		) m`,
		key: sql`'[]'::jsonb`
	});
	return rows.map(({ cursorKey: _, ...row }) => row);
}

/** Rows of `from` (link table under the alias `m`) as `LinkRow`. */
export async function selectLinks(
	db: Db,
	entity: Entity,
	query: { from: SQL; key: SQL; orderBy?: SQL }
): Promise<(LinkRow & Keyed)[]> {
	const { internal, external } = linkTable(entity);
	const rows = await db.execute<LinkRow & Keyed>(sql`
		select m.id::text as id, m.${internal}::text as "internalId", r.value, r.name, m.${external} as "externalId", m.external_variant_id as "variantId",
			x.fields ->> 'name' as "externalName", x.url as "externalUrl", m.is_primary as "isPrimary", m.status, m.waiting, m.problem,
			cm_iso(m.synced_at) as "syncedAt", ${query.key} as "cursorKey"
		from ${query.from}
		left join ${sql.identifier(entity.recordTable)} r on r.id = m.${internal}
		left join c_channel_record x on x.c_channel_id = m.c_channel_id and x.entity = ${entity.name} and x.external_id = m.${external}
			and x.external_variant_id = m.external_variant_id
		order by ${query.orderBy ?? sql`m.id`}`);
	return [...rows];
}
