import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { LinkProblem } from '#src/entities/map-table.ts';
import { linkTable } from '#src/store/link-state.ts';
import { linkStatuses, type LinkStatus } from '#src/sync/outcome.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Page, type PageInput } from './keyset.ts';
import { recordSearch } from '#src/store/search-text.ts';

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
};

const exactAtMost = 20;

/** Links of one channel and entity in the order in which they were made. An external id that is hit exactly comes first. */
export async function listLinks(db: Db, input: ListLinksInput): Promise<Page<LinkRow>> {
	const entity = entityNamed(input.entity);
	if (!entity || !isId(input.channelId)) return emptyPage();
	const { map, external } = linkTable(entity);
	const status = linkStatuses.find((known) => known === input.status);
	const scope = sql`m.c_channel_id = ${input.channelId}::bigint and ${status ? sql`m.status = ${status}` : sql`true`}`;
	const q = input.q?.replaceAll('\0', '').trim() ?? '';
	const name = `links ${entity.name} ${input.channelId} ${status ?? ''} ${q}`;
	const keys = keyset(name, [{ column: sql`m.id`, type: 'bigint' }], input);
	const exact =
		q === ''
			? []
			: await selectLinks(db, entity, {
					from: sql`(select m.* from ${map} m where ${scope} and m.${external} = ${q} order by m.id limit ${exactAtMost}) m`,
					key: sql`'[]'::jsonb`
				});
	const others =
		exact.length === 0 ? sql`true` : sql`m.id <> all(${`{${exact.map(({ id }) => id).join(',')}}`}::bigint[])`;
	const found = await selectLinks(db, entity, {
		from: sql`(select m.* from ${map} m ${q === '' ? sql`` : joinRecord(entity)}
			where ${scope} and ${recordSearch('r', q)} and ${others} and ${keys.where} order by ${keys.orderBy} limit ${keys.limit}) m`,
		key: keys.key,
		orderBy: keys.orderBy
	});
	const page = keys.page(found);
	const first = page.previous === null;
	return first ? { ...page, rows: [...exact.map(({ cursorKey: _, ...row }) => row), ...page.rows] } : page;
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

function joinRecord(entity: Entity): SQL {
	return sql`join ${sql.identifier(entity.recordTable)} r on r.id = m.${linkTable(entity).internal}`;
}
