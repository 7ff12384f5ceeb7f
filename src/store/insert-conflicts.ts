import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { FieldConflict } from '#src/sync/decide.ts';

export type ConflictRow = {
	linkId: string;
	internalId: string;
	externalId: string;
	variantId: string;
	internalVersion: string | null;
	externalVersion: string | null;
	/** Null = this row says nothing about open conflicts. */
	asked: readonly FieldConflict[] | null;
	settled: readonly FieldConflict[];
	outcome: string | null;
};

/** Ends open conflicts that are none any more, as a part of a statement. */
export function endedConflicts(entity: Entity, rows: readonly ConflictRow[]): SQL[] {
	const judged = rows.flatMap(({ linkId, asked }) =>
		asked ? [{ link: linkId, asked: asked.map(({ field }) => field) }] : []
	);
	if (judged.length === 0) return [];
	return [
		sql`ended as (
			update sync_conflict c set state = 'gone', decided_at = now()
			from jsonb_to_recordset(${JSON.stringify(judged)}::text::jsonb) as j(link bigint, asked jsonb)
			where c.entity = ${entity.name} and c.link_id = j.link and c.state = 'open' and not j.asked ? c.field
		)`
	];
}

/** Keeps conflicts that a rule settled, and opens those that wait for a person. Ended ones must have been ended before. */
export async function insertConflicts(
	tx: Transaction,
	input: { channelId: string; entity: Entity; rows: readonly ConflictRow[] }
): Promise<void> {
	const rows = input.rows.flatMap((row) =>
		[...row.settled, ...(row.asked ?? [])].map((conflict) => ({
			link: row.linkId,
			internal_id: row.internalId,
			external_id: row.externalId,
			variant: row.variantId,
			rev: row.internalVersion ?? '',
			version: row.externalVersion,
			...conflict
		}))
	);
	if (rows.length === 0) return;
	await tx.execute(sql`
		insert into sync_conflict (c_channel_id, entity, link_id, internal_id, external_id, external_variant_id, field, base, internal, external,
			internal_rev, external_version, state, rule, winner, decided_by, decided_at)
		select ${input.channelId}::bigint, ${input.entity.name}, r.link, r.internal_id, r.external_id, r.variant, r.field, r.base, r.internal, r.external,
			r.rev, r.version, case when r.winner is null then 'open' else 'settled' end, r.rule, r.winner,
			case when r.winner is not null then 'engine' end, case when r.winner is not null then now() end
		from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(link bigint, internal_id bigint, external_id text, variant text, rev text, version text,
			field text, base jsonb, internal jsonb, external jsonb, rule text, winner text)
		on conflict (entity, link_id, field) where state = 'open' do update set base = excluded.base, internal = excluded.internal,
			external = excluded.external, internal_rev = excluded.internal_rev, external_version = excluded.external_version, rule = excluded.rule`);
}
