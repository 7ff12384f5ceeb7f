import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { Fields } from '#src/sync/fields.ts';
import { linkTable } from './link-state.ts';

export type NewLink = {
	channelId: string;
	entity: Entity;
	internalId: string;
	externalId: string;
	variantId: string;
	baseInternal: Fields;
	baseExternal: Fields;
	unconfirmed: readonly string[];
	internalVersion: string;
	externalVersion: string | null;
	externalStamp: string | null;
	codecFingerprint: string;
};

/**
 * Adds a link that the engine made, with the bases it was made from, and takes both records off suggestions and waiting
 * lists. Null when one of the two is linked already.
 */
export async function insertLink(tx: Transaction, link: NewLink): Promise<string | null> {
	const { map, internal, external } = linkTable(link.entity);
	const [row] = await tx.execute<{ id: string }>(sql`
		insert into ${map} (c_channel_id, ${internal}, ${external}, external_variant_id, base_internal, base_external, unconfirmed,
			internal_version, external_version, external_stamp, codec_fingerprint)
		values (${link.channelId}::bigint, ${link.internalId}::bigint, ${link.externalId}, ${link.variantId},
			${JSON.stringify(link.baseInternal)}::text::jsonb, ${JSON.stringify(link.baseExternal)}::text::jsonb,
			array(select jsonb_array_elements_text(${JSON.stringify(link.unconfirmed)}::text::jsonb)),
			${link.internalVersion}, ${link.externalVersion}, ${link.externalStamp}, ${link.codecFingerprint})
		on conflict do nothing returning id::text as id`);
	if (!row) return null;
	await tx.execute(sql`
		delete from c_channel_suggestion where c_channel_id = ${link.channelId}::bigint and entity = ${link.entity.name}
			and (internal_id = ${link.internalId}::bigint or (external_id = ${link.externalId} and external_variant_id = ${link.variantId}))`);
	await tx.execute(sql`
		delete from sync_candidate where c_channel_id = ${link.channelId}::bigint and entity = ${link.entity.name}
			and ((side = 'internal' and record_id = ${link.internalId})
				or (side = 'external' and record_id = ${link.externalId} and external_variant_id = ${link.variantId}))`);
	return row.id;
}
