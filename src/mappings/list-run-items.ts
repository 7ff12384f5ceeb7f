import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { ItemPlan } from '#src/db/schema/runs.ts';
import type { Entity } from '#src/entities/entity.ts';
import { keyset, type Keyed, type Page, type PageInput } from './keyset.ts';

export type RunItemRow = {
	id: string;
	linkId: string | null;
	internalId: string | null;
	/** Of our record; of the channel's where there is none of ours. Null once both are gone. */
	value: string | null;
	name: string | null;
	externalId: string | null;
	action: string;
	outcome: string;
	/** Names of the changed fields. */
	fields: string[];
	problem: { kind: string; message: string; hint: string; field?: string } | null;
	/** For a preview: what would be written. */
	plan: ItemPlan | null;
	/** A person took it out of the plan. */
	leftOut: boolean;
	at: string;
};

/** Records of a run that were not a no-op, in the order they were done. */
export async function listRunItems(
	db: Db,
	entity: Entity,
	filter: { runId: string; outcome?: string | undefined },
	page: PageInput = {}
): Promise<Page<RunItemRow>> {
	const keys = keyset('run-items', [{ column: sql`i.id`, type: 'bigint' }], page);
	const ofOutcome = filter.outcome === undefined ? sql`true` : sql`i.outcome = ${filter.outcome}`;
	const rows = await db.execute<RunItemRow & Keyed>(sql`
		select i.id::text as id, i.link_id::text as "linkId", i.internal_id::text as "internalId", coalesce(r.value, x.fields ->> 'value') as value,
			coalesce(r.name, x.fields ->> 'name') as name, i.external_id as "externalId", i.action, i.outcome, i.fields, i.problem, i.plan, i.left_out as "leftOut", cm_iso(i.at) as at, ${keys.key} as "cursorKey"
		from sync_item i join sync_run u on u.id = i.run_id left join ${sql.identifier(entity.recordTable)} r on r.id = i.internal_id
		left join c_channel_record x on r.id is null and x.c_channel_id = u.c_channel_id and x.entity = ${entity.name}
			and x.external_id = i.external_id and x.external_variant_id = i.external_variant_id
		where i.run_id = ${filter.runId}::bigint and ${ofOutcome} and ${keys.where}
		order by ${keys.orderBy} limit ${keys.limit}`);
	return keys.page([...rows]);
}

export type RunCause = { kind: string; message: string; hint: string; count: number };

/** Problems of a run by cause, the most frequent first, with one example each. */
export async function listRunCauses(db: Db, input: { runId: string }): Promise<RunCause[]> {
	const rows = await db.execute<RunCause>(sql`
		select i.problem->>'kind' as kind, min(i.problem->>'message') as message, min(i.problem->>'hint') as hint, count(*)::int as count
		from sync_item i where i.run_id = ${input.runId}::bigint and i.problem is not null
		group by 1 order by 4 desc, 1 limit 20`);
	return [...rows];
}
