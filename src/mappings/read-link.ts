import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';
import type { Entity, InternalRecord } from '#src/entities/entity.ts';
import { entityIn } from '#src/store/custom-fields.ts';
import { linkColumns, linkTable, type LinkState } from '#src/store/link-state.ts';
import { outsideAmong } from '#src/store/scope-of.ts';
import type { ScopeSide, SideScopes } from '#src/sync/scope.ts';
import { externalJson, type External } from './external.ts';
import { isId } from './identifier.ts';
import { conflictsOfLink, type Conflict } from './list-conflicts.ts';

/** One link with everything known about it. */
export type LinkDetail = LinkState & {
	entity: string;
	channelName: string;
	connector: string;
	paused: boolean;
	pushLive: boolean;
	pullLive: boolean;
	/** Our record now; null where it is gone. `internal.rev` goes into the resolve form, as `externalVersion` does ('' for null). */
	internal: InternalRecord | null;
	/** The channel's record as last seen. */
	external: External | null;
	retryAt: string | null;
	syncedAt: string | null;
	createdAt: string;
	updatedAt: string;
	/** Which of the two records are out of scope. */
	outside: ScopeSide[];
	/** Open ones. */
	conflicts: Conflict[];
	/** The last ten that are not open any more. */
	settled: Conflict[];
};

/** A link that was ended, as it is kept in the archive. */
export type EndedLinkDetail = {
	historyId: string;
	linkId: string;
	entity: string;
	channelId: string;
	channelName: string;
	internalId: string;
	externalId: string;
	variantId: string;
	endedBy: string;
	endedAt: string;
	reason: string;
	/** It was brought back, or its place was taken by re-pointing or restoring: nothing to undo. */
	undone: boolean;
};

/** One link; null when there is none, see `readEndedLink`. `entity` is its name, or what `entityIn` gave for it. */
export async function readLink(db: Db, input: { entity: string | Entity; id: string }): Promise<LinkDetail | null> {
	const entity = typeof input.entity === 'string' ? await entityIn(db, input.entity) : input.entity;
	if (!entity || !isId(input.id)) return null;
	const found = await selectLink(db, entity, input.id);
	if (!found) return null;
	const [[internal], { open, closed }] = await Promise.all([
		entity.store.read(db, [found.internalId]),
		conflictsOfLink(db, { entity: entity.name, id: input.id })
	]);
	const { scope, ...link } = found;
	const outside = outsideAmong(scope ?? {}, { internal: internal?.fields, external: found.external?.fields });
	return { ...link, entity: entity.name, internal: internal ?? null, outside, conflicts: open, settled: closed };
}

/** How the link of this id ended last; null when none of this id ever ended. */
export async function readEndedLink(db: Db, input: { entity: string; id: string }): Promise<EndedLinkDetail | null> {
	if (!isId(input.id)) return null;
	const [row] = await db.execute<EndedLinkDetail>(sql`
		select h.id::text as "historyId", h.link_id::text as "linkId", h.entity, h.c_channel_id::text as "channelId", c.name as "channelName",
			h.internal_id::text as "internalId", h.external_id as "externalId", h.external_variant_id as "variantId", h.ended_by as "endedBy",
			cm_iso(h.ended_at) as "endedAt", h.reason, h.undone_at is not null or h.reason in ('repointed', 'restored') as undone
		from link_history h join c_channel c on c.id = h.c_channel_id
		where h.entity = ${input.entity} and h.link_id = ${input.id}::bigint order by h.id desc limit 1`);
	return row ?? null;
}

type Found = Omit<LinkDetail, 'entity' | 'internal' | 'outside' | 'conflicts' | 'settled'> & {
	scope: SideScopes | null;
};

async function selectLink(db: Db, entity: Entity, id: string): Promise<Found | null> {
	const { map, external } = linkTable(entity);
	const [row] = await executePlanned<Found>(
		db,
		sql`select ${linkColumns(entity)}, c.name as "channelName", c.connector, c.paused_at is not null as paused,
			coalesce(e.push_live, false) as "pushLive", coalesce(e.pull_live, false) as "pullLive", e.policy -> 'scope' as scope, ${externalJson('x')} as external,
			cm_iso(m.retry_at) as "retryAt", cm_iso(m.synced_at) as "syncedAt", cm_iso(m.created_at) as "createdAt", cm_iso(m.updated_at) as "updatedAt"
		from ${map} m join c_channel c on c.id = m.c_channel_id
		left join c_channel_entity e on e.c_channel_id = c.id and e.entity = ${entity.name}
		left join c_channel_record x on x.c_channel_id = c.id and x.entity = ${entity.name} and x.external_id = m.${external}
			and x.external_variant_id = m.external_variant_id
		where m.id = ${id}::bigint`
	);
	return row ?? null;
}
