import { sql, type SQL } from 'drizzle-orm';
import type { Entity } from '#src/entities/entity.ts';
import type { LinkProblem } from '#src/entities/map-table.ts';
import type { PendingWrite } from '#src/sync/decide.ts';
import type { Fields } from '#src/sync/fields.ts';
import type { LinkStatus } from '#src/sync/outcome.ts';

/** One link with the whole state of its sync. Sequence and revision numbers are decimal text. */
export type LinkState = {
	id: string;
	channelId: string;
	internalId: string;
	externalId: string;
	variantId: string;
	isPrimary: boolean;
	status: LinkStatus;
	baseInternal: Fields | null;
	baseExternal: Fields | null;
	unconfirmed: string[];
	internalVersion: string | null;
	externalVersion: string | null;
	externalStamp: string | null;
	stampPassed: boolean;
	codecFingerprint: string | null;
	pendingWrite: PendingWrite | null;
	problem: LinkProblem | null;
	waiting: string | null;
	tries: number;
	dirtySeq: string;
	cleanSeq: string;
	stateRev: string;
	/** Fields that wait for a person, with the rule that asked. */
	asked: Readonly<Record<string, string>>;
};

/** The columns of `LinkState`, of a link table under the alias `m`. */
export function linkColumns(entity: Entity): SQL {
	const { internalColumn, externalColumn } = entity.mapNames;
	return sql`m.id::text as id, m.c_channel_id::text as "channelId", m.${sql.identifier(internalColumn)}::text as "internalId",
		m.${sql.identifier(externalColumn)} as "externalId", m.external_variant_id as "variantId", m.is_primary as "isPrimary",
		m.status, m.base_internal as "baseInternal", m.base_external as "baseExternal", m.unconfirmed,
		m.internal_version as "internalVersion", m.external_version as "externalVersion", m.external_stamp as "externalStamp",
		m.stamp_passed as "stampPassed",
		m.codec_fingerprint as "codecFingerprint", m.pending_write as "pendingWrite", m.problem, m.waiting, m.tries,
		m.dirty_seq::text as "dirtySeq", m.clean_seq::text as "cleanSeq", m.state_rev::text as "stateRev",
		coalesce((select jsonb_object_agg(q.field, q.rule) from sync_conflict q
			where q.entity = ${entity.name} and q.link_id = m.id and q.state = 'open'), '{}') as asked`;
}

/** The link table and its id columns, for SQL. */
export function linkTable(entity: Entity) {
	return {
		map: sql.identifier(entity.mapNames.table),
		internal: sql.identifier(entity.mapNames.internalColumn),
		external: sql.identifier(entity.mapNames.externalColumn)
	};
}
