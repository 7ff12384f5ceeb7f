import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from '#src/store/link-state.ts';

export type LinkHolder = { externalId: string; variantId: string; linkId: string; value: string; name: string };

/** Which of these records of a channel are linked already, and to which record of ours. */
export async function linkHolders(
	db: Db,
	input: { channelId: string; entity: Entity; records: readonly { externalId: string; variantId: string }[] }
): Promise<LinkHolder[]> {
	if (input.records.length === 0) return [];
	const { map, internal, external } = linkTable(input.entity);
	const keys = sql`jsonb_to_recordset(${JSON.stringify(input.records)}::text::jsonb) as k("externalId" text, "variantId" text)`;
	return db.execute<LinkHolder>(sql`
		select m.${external} as "externalId", m.external_variant_id as "variantId", m.id::text as "linkId",
			coalesce(r.value, m.${internal}::text) as value, coalesce(r.name, '') as name
		from ${keys} join ${map} m on m.c_channel_id = ${input.channelId}::bigint and m.${external} = k."externalId" and m.external_variant_id = k."variantId"
			left join ${sql.identifier(input.entity.recordTable)} r on r.id = m.${internal}`);
}
