import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from './link-state.ts';
import { lockHints } from './lock-hints.ts';
import type { RecordKey } from './missing-records.ts';
import { retrying } from './transaction.ts';

export type TakeHintsResult = {
	/** Fewer than `limit` = none is left. */
	taken: number;
	/** Records to read: linked ones by the keys of their links, others as they were named. Excluded ones are left out. */
	keys: RecordKey[];
};

/** Takes records that webhooks named, and marks their links to be compared: nothing is lost where the read does not come. */
export async function takeHints(
	db: Db,
	input: { channelId: string; entity: Entity; limit: number }
): Promise<TakeHintsResult> {
	const { channelId, entity } = input;
	const { map, external } = linkTable(entity);
	return retrying(db, async (tx): Promise<TakeHintsResult> => {
		await lockHints(tx, channelId, entity.name);
		const taken = await tx.execute<RecordKey>(sql`
			with chosen as materialized (
				select c_channel_id, entity, external_id, external_variant_id from sync_hint
				where c_channel_id = ${channelId}::bigint and entity = ${entity.name}
				order by external_id collate "C", external_variant_id collate "C" limit ${input.limit} for update
			)
			delete from sync_hint h using chosen c
			where (h.c_channel_id, h.entity, h.external_id, h.external_variant_id) = (c.c_channel_id, c.entity, c.external_id, c.external_variant_id)
			returning h.external_id as id, h.external_variant_id as "variantId"`);
		if (taken.length === 0) return { taken: 0, keys: [] };
		const named = sql`jsonb_to_recordset(${JSON.stringify(taken)}::text::jsonb) as k(id text, "variantId" text)`;
		const linked = await tx.execute<RecordKey>(sql`
			with locked as (
				select m.id from ${map} m join ${named} on k.id = m.${external} and k."variantId" in ('', m.external_variant_id)
				where m.c_channel_id = ${channelId}::bigint order by m.id for update of m
			)
			update ${map} m set dirty_seq = m.dirty_seq + 1, retry_at = null from (select distinct id from locked) l where m.id = l.id
			returning m.${external} as id, m.external_variant_id as "variantId"`);
		const others = taken.filter(({ id, variantId }) => !linked.some((link) => isNamed(link, { id, variantId })));
		const free = await tx.execute<RecordKey>(sql`
			select k.id, k."variantId" from jsonb_to_recordset(${JSON.stringify(others)}::text::jsonb) as k(id text, "variantId" text)
			where not exists (select 1 from c_channel_exclusion x where x.c_channel_id = ${channelId}::bigint and x.entity = ${entity.name}
				and x.kind = 'record' and x.external_id = k.id and k."variantId" in ('', x.external_variant_id))`);
		const keys = [...linked, ...free].map(({ id, variantId }) => ({ id, variantId }));
		return { taken: taken.length, keys: keys.toSorted(byKey) };
	});
}

/** Whether a hint is about this record. */
export function isNamed(record: RecordKey, hint: RecordKey): boolean {
	return record.id === hint.id && (hint.variantId === '' || hint.variantId === record.variantId);
}

/** Orders keys by code unit, whatever the locale of the database. */
export function byKey(one: RecordKey, other: RecordKey): number {
	if (one.id !== other.id) return one.id < other.id ? -1 : 1;
	return one.variantId === other.variantId ? 0 : one.variantId < other.variantId ? -1 : 1;
}
