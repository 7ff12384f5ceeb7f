import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';

type Pair = {
	channelId: string;
	entity: string;
	internalId: string | null;
	externalId: string | null;
	variantId: string;
};

/**
 * Takes one or both records of a pair off suggestions and waiting lists. What was suggested for them is considered anew,
 * so that it neither keeps a stale doubt nor is forgotten by automatic creation.
 */
export async function leaveWaitingLists(tx: Transaction, pair: Pair): Promise<void> {
	const { channelId, entity, internalId, externalId, variantId } = pair;
	const ours = sql`internal_id = ${internalId}::bigint`;
	const theirs = sql`(external_id = ${externalId} and external_variant_id = ${variantId})`;
	await tx.execute(sql`
		with dropped as (
			delete from c_channel_suggestion where c_channel_id = ${channelId}::bigint and entity = ${entity} and (${ours} or ${theirs})
			returning internal_id, external_id, external_variant_id
		)
		insert into sync_candidate (c_channel_id, entity, side, record_id, external_variant_id)
		select ${channelId}::bigint, ${entity}, 'external', external_id, external_variant_id from dropped where (${theirs}) is not true
		union
		select ${channelId}::bigint, ${entity}, 'internal', internal_id::text, '' from dropped where (${ours}) is not true
		on conflict do nothing`);
	await tx.execute(sql`
		delete from sync_candidate where c_channel_id = ${channelId}::bigint and entity = ${entity}
			and ((side = 'internal' and record_id = ${internalId})
				or (side = 'external' and record_id = ${externalId} and external_variant_id = ${variantId}))`);
}

/** Puts records on the waiting list, to be matched and created as if they were new. */
export async function joinWaitingLists(tx: Transaction, pair: Pair): Promise<void> {
	const { channelId, entity, internalId, externalId, variantId } = pair;
	await tx.execute(sql`
		insert into sync_candidate (c_channel_id, entity, side, record_id, external_variant_id)
		select ${channelId}::bigint, ${entity}, side, record_id, variant
		from (values ('internal', ${internalId}::text, ''), ('external', ${externalId}::text, ${variantId}::text)) as c(side, record_id, variant)
		where record_id is not null
		on conflict do nothing`);
}
