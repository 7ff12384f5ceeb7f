import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from '#src/store/link-state.ts';
import type { Fields } from '#src/sync/fields.ts';

/** One linked record as both sides held it when they were last seen; `code` is ours. */
export type FieldSamples = { code: string; internal: Fields; external: Fields };

/** Values to show beside the field table of a channel; null where nothing is linked. */
export async function readFieldSamples(
	db: Db,
	entity: Entity,
	input: { channelId: string }
): Promise<FieldSamples | null> {
	const { map, internal, external } = linkTable(entity);
	const [found] = await db.execute<{ id: string; fields: Fields }>(sql`
		select m.${internal}::text as id, x.fields from (
			select * from ${map} where c_channel_id = ${input.channelId}::bigint and status = 'in-sync' order by id limit 1) m
		join c_channel_record x on x.c_channel_id = m.c_channel_id and x.entity = ${entity.name} and x.external_id = m.${external}
			and x.external_variant_id = m.external_variant_id`);
	if (!found) return null;
	return db.transaction(async (tx) => {
		const [record] = await entity.store.read(tx, [found.id]);
		if (!record) return null;
		return { code: String(record.fields['value'] ?? found.id), internal: record.fields, external: found.fields };
	});
}
