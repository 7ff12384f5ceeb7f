import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import { textArray } from '#src/entities/record-store.ts';
import type { LinkProblem } from '#src/entities/map-table.ts';
import { valueTableOf } from '#src/sync/value-table.ts';
import { externalKeys } from './find-references.ts';

/** What waits: a link, or a record that is to be created on the other side. */
export type AwaitingOwner = { owner: 'link' | 'internal' | 'external'; ownerId: string; variantId: string };

/** One reference to a record without a link, and what waits for that. */
export type AwaitingRow = AwaitingOwner & {
	field: string;
	toEntity: string;
	/** Whose id `refId` is. */
	side: 'internal' | 'external';
	refId: string;
	problem: LinkProblem;
	/** It waits to be matched only; nobody asked for it to be created. */
	matching?: boolean;
};

type At = { channelId: string; entity: string };

/** Keeps links of the records that are waited for out until the end of the transaction. Take it before any row. */
export async function lockAwaiting(tx: Transaction, channelId: string, rows: readonly AwaitingRow[]): Promise<void> {
	for (const to of [...new Set(rows.map(({ toEntity }) => toEntity))].sort())
		await tx.execute(sql`select cm_lock_awaiting(${channelId}::bigint, ${to}, true)`);
}

/**
 * Writes down what these owners wait for, in the place of what they waited for before, under `lockAwaiting`. Whose record was
 * linked since it was looked up is woken at once.
 */
export async function saveAwaiting(
	tx: Transaction,
	{ channelId, entity }: At,
	owners: readonly AwaitingOwner[],
	rows: readonly AwaitingRow[]
): Promise<void> {
	if (owners.length === 0) return;
	const [kinds, ids] = [owners.map(({ owner }) => owner), owners.map(({ ownerId }) => ownerId)];
	const variants = owners.map(({ variantId }) => variantId);
	await tx.execute(sql`
		delete from sync_awaiting a using unnest(${textArray(kinds)}::text[], ${textArray(ids)}::text[], ${textArray(variants)}::text[]) as o(owner, id, variant)
		where a.c_channel_id = ${channelId}::bigint and a.entity = ${entity} and a.owner = o.owner and a.owner_id = o.id and a.external_variant_id = o.variant`);
	if (rows.length === 0) return;
	const json = JSON.stringify(rows);
	await tx.execute(sql`
		insert into sync_awaiting (c_channel_id, entity, owner, owner_id, external_variant_id, field, to_entity, side, ref_id, problem, matching)
		select ${channelId}::bigint, ${entity}, r.owner, r."ownerId", r."variantId", r.field, r."toEntity", r.side, r."refId", r.problem,
			coalesce(r.matching, false)
		from jsonb_to_recordset(${json}::text::jsonb)
			as r(owner text, "ownerId" text, "variantId" text, field text, "toEntity" text, side text, "refId" text, problem jsonb, matching boolean)`);
	const records = rows.filter(({ toEntity }) => valueTableOf(toEntity) === null);
	const keys = records.flatMap(({ toEntity, side, refId }) =>
		(side === 'internal' ? [{ id: refId, variant: '' }] : externalKeys(refId)).map((key) => ({
			toEntity,
			side,
			refId,
			...key
		}))
	);
	await tx.execute(sql`
		with linked as (
			select distinct k."toEntity" as entity, k.side, k."refId" as id
			from jsonb_to_recordset(${JSON.stringify(keys)}::text::jsonb) as k("toEntity" text, side text, "refId" text, id text, variant text)
			where (k.side = 'internal' and exists (select 1 from cm_links l where l.entity = k."toEntity" and l.c_channel_id = ${channelId}::bigint
					and l.internal_id = case when k.side = 'internal' then k.id::bigint end))
				or (k.side = 'external' and exists (select 1 from cm_links l where l.entity = k."toEntity" and l.c_channel_id = ${channelId}::bigint
					and l.external_id = k.id and l.external_variant_id = k.variant))
		)
		select cm_wake_awaiting(${channelId}::bigint, l.entity, coalesce(array_agg(l.id) filter (where l.side = 'internal'), '{}'),
			coalesce(array_agg(l.id) filter (where l.side = 'external'), '{}'))
		from linked l group by l.entity`);
	await wakeMapped(tx, channelId, rows);
}

/** The same for values of a value table that has them by now. */
async function wakeMapped(tx: Transaction, channelId: string, rows: readonly AwaitingRow[]): Promise<void> {
	const values = rows.flatMap(({ toEntity, side, refId }) => {
		const table = valueTableOf(toEntity);
		return table === null ? [] : [{ toEntity, table, side, value: refId }];
	});
	if (values.length === 0) return;
	await tx.execute(sql`
		with mapped as (
			select distinct k."toEntity" as target, k.side, k.value
			from jsonb_to_recordset(${JSON.stringify(values)}::text::jsonb) as k("toEntity" text, "table" text, side text, value text)
			where exists (select 1 from c_channel_value v where v.c_channel_id = ${channelId}::bigint and v.value_table = k."table"
				and case when k.side = 'internal' then v.ours else v.theirs end = k.value)
		)
		select cm_wake_awaiting(${channelId}::bigint, m.target, coalesce(array_agg(m.value) filter (where m.side = 'internal'), '{}'),
			coalesce(array_agg(m.value) filter (where m.side = 'external'), '{}'))
		from mapped m group by m.target`);
}
