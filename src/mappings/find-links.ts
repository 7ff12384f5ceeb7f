import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { LinkProblem } from '#src/entities/map-table.ts';
import { linkTable } from '#src/store/link-state.ts';
import type { LinkStatus } from '#src/sync/outcome.ts';
import { keyset, type Keyed, type Page, type PageInput } from './keyset.ts';

export type FoundLink = {
	id: string;
	channelId: string;
	internalId: string;
	/** Of our record; null where it is gone. */
	value: string | null;
	name: string | null;
	externalId: string;
	variantId: string;
	isPrimary: boolean;
	status: LinkStatus;
	waiting: string | null;
	problem: LinkProblem | null;
	syncedAt: string | null;
	createdAt: string;
	updatedAt: string;
};

/** Every list narrows the answer; an absent one does not. */
export type FindLinksInput = PageInput & {
	channelId?: string | undefined;
	internalIds?: readonly string[] | undefined;
	externalIds?: readonly string[] | undefined;
	/** Search keys of our records. */
	values?: readonly string[] | undefined;
};

/** Links by what a program knows of them, in the order in which they were made. */
export async function findLinks(db: Db, entity: Entity, input: FindLinksInput): Promise<Page<FoundLink>> {
	const { map, internal, external } = linkTable(entity);
	const keys = keyset(`find-links ${entity.name}`, [{ column: sql`m.id`, type: 'bigint' }], input);
	const oneOf = (column: SQL, list: readonly string[] | undefined, type: 'bigint' | 'text') =>
		list === undefined
			? sql`true`
			: sql`${column} in (select v::${sql.raw(type)} from jsonb_array_elements_text(${JSON.stringify(list)}::text::jsonb) v)`;
	const rows = await db.execute<FoundLink & Keyed>(sql`
		select m.id::text as id, m.c_channel_id::text as "channelId", m.${internal}::text as "internalId", r.value, r.name,
			m.${external} as "externalId", m.external_variant_id as "variantId", m.is_primary as "isPrimary", m.status, m.waiting, m.problem,
			cm_iso(m.synced_at) as "syncedAt", cm_iso(m.created_at) as "createdAt", cm_iso(m.updated_at) as "updatedAt", ${keys.key} as "cursorKey"
		from ${map} m left join ${sql.identifier(entity.recordTable)} r on r.id = m.${internal}
		where ${input.channelId === undefined ? sql`true` : sql`m.c_channel_id = ${input.channelId}::bigint`}
			and ${oneOf(sql`m.${internal}`, input.internalIds, 'bigint')} and ${oneOf(sql`m.${external}`, input.externalIds, 'text')}
			and ${oneOf(sql`r.value`, input.values, 'text')} and ${keys.where}
		order by ${keys.orderBy} limit ${keys.limit}`);
	return keys.page([...rows]);
}

/** The link of each of these external ids at one channel, by `externalId/variantId`. */
export async function linksOfExternals(
	db: Db,
	entity: Entity,
	input: { channelId: string; externalIds: readonly string[] }
): Promise<ReadonlyMap<string, string>> {
	const { map, external } = linkTable(entity);
	const rows = await db.execute<{ id: string; key: string }>(sql`
		select m.id::text as id, m.${external} || '/' || m.external_variant_id as key from ${map} m
		where m.c_channel_id = ${input.channelId}::bigint
			and m.${external} in (select jsonb_array_elements_text(${JSON.stringify(input.externalIds)}::text::jsonb))`);
	return new Map(rows.map(({ id, key }) => [key, id]));
}
