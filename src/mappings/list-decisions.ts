import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';
import type { DecisionChange } from '#src/db/schema/decisions.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
import { isId } from './identifier.ts';
import { cursorAfter, emptyPage, keyset, type Keyed, type Page, type PageInput } from './keyset.ts';

/** One entry of the journal: what was done, by whom, and everything it was decided from. */
export type Decision = {
	id: string;
	at: string;
	/** 'engine' or who it was. */
	actor: string;
	action: string;
	/** Null where a person edited or created a record of ours. */
	channelId: string | null;
	channelName: string | null;
	linkId: string | null;
	/** Whether that link is still there. */
	linkExists: boolean;
	internalId: string | null;
	externalId: string | null;
	variantId: string;
	runId: string | null;
	changes: DecisionChange[];
	inputs: Record<string, unknown>;
	codecFingerprint: string | null;
};

export type ListDecisionsInput = PageInput & { entity: string } & ({ linkId: string } | { recordId: string });

/** What was decided about one link or one record of ours, newest first: the journal without what it keeps for its replay alone. */
export async function listDecisions(db: Db, input: ListDecisionsInput): Promise<Page<Decision>> {
	const entity = entityNamed(input.entity);
	const ofLink = 'linkId' in input;
	const id = ofLink ? input.linkId : input.recordId;
	if (!entity || !isId(id)) return emptyPage();
	const keys = keyset(
		listName(entity.name, ofLink ? 'link' : 'record', id),
		[{ column: sql`d.id`, type: 'bigint', descending: true }],
		input
	);
	const whose = ofLink ? sql`d.link_id = ${id}::bigint` : sql`d.internal_id = ${id}::bigint`;
	const rows = await executePlanned<Decision & Keyed>(
		db,
		sql`select ${decisionColumns(entity)}, ${keys.key} as "cursorKey"
		from sync_decision d left join c_channel c on c.id = d.c_channel_id
		where d.entity = ${entity.name} and ${whose} and ${isDecision} and ${keys.where}
		order by ${keys.orderBy} limit ${keys.limit}`
	);
	return keys.page(rows);
}

/** The cursor of the page of a link's journal that starts with this entry. */
export function cursorOfDecision(entity: string, linkId: string, decisionId: string): string {
	return cursorAfter(listName(entity, 'link', linkId), [String(BigInt(decisionId) + 1n)]);
}

/** Leaves out entries of `sync_decision d` that only tell what an answer or a failure made of a link. */
export const isDecision: SQL = sql`d.action not in ('state', 'snapshot')`;

function listName(entity: string, of: 'link' | 'record', id: string): string {
	return `decisions ${entity} ${of} ${id}`;
}

/** The columns of `Decision`, of sync_decision `d` left-joined with c_channel `c`. */
export function decisionColumns(entity: Entity): SQL {
	return sql`d.id::text as id, cm_iso(d.at) as at, d.actor, d.action, d.c_channel_id::text as "channelId", c.name as "channelName",
		d.link_id::text as "linkId", exists (select 1 from ${linkTable(entity).map} m where m.id = d.link_id offset 0) as "linkExists",
		d.internal_id::text as "internalId", d.external_id as "externalId", d.external_variant_id as "variantId",
		d.run_id::text as "runId", d.changes, d.inputs, d.codec_fingerprint as "codecFingerprint"`;
}
