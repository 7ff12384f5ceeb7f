import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { Fields } from '#src/sync/fields.ts';
import { inScope, type Scope } from '#src/sync/scope.ts';
import { recordCreation } from './bind-intent.ts';
import { insertLink } from './insert-link.ts';
import { linkTable } from './link-state.ts';
import { lockCreates } from './lock-creates.ts';
import { isUniqueViolation } from './postgres-error.ts';
import { reserveEffects } from './reserve-effects.ts';
import { retrying } from './transaction.ts';

export type ImportRecordInput = {
	channelId: string;
	entity: Entity;
	runId: string;
	limit: number;
	externalId: string;
	variantId: string;
	externalFields: Fields;
	/** What of it was agreed on, where the record shows more than it carries. Absent = all. */
	externalBase?: Fields;
	externalVersion: string | null;
	externalStamp: string | null;
	/** Values of the new record of ours. */
	fields: Fields;
	/** Source time per field. */
	changed: Readonly<Record<string, string>>;
	codecFingerprint: string;
};

/**
 * Creates a record of ours from one of the channel, with its link, in one transaction. `taken` = linked, excluded, out of
 * scope or claimed by an intent meanwhile; `duplicate` = our code is in use; `held` = beyond the ceiling. Nothing is left behind.
 */
export async function importRecord(
	db: Db,
	input: ImportRecordInput
): Promise<'imported' | 'taken' | 'duplicate' | 'held'> {
	const { entity, channelId } = input;
	const { map, external } = linkTable(entity);
	const attempt = () =>
		retrying(db, async (tx) => {
			await lockCreates(tx, channelId, entity.name);
			const [free] = await tx.execute<{ taken: boolean; scope: Scope | null }>(sql`
				select (select e.policy #> '{scope,external}' from c_channel_entity e where e.c_channel_id = ${channelId}::bigint and e.entity = ${entity.name}) as scope,
					exists (select 1 from ${map} m where m.c_channel_id = ${channelId}::bigint and m.${external} = ${input.externalId}
						and m.external_variant_id = ${input.variantId})
					or exists (select 1 from c_channel_exclusion x where x.c_channel_id = ${channelId}::bigint and x.entity = ${entity.name} and x.kind = 'record'
						and x.external_id = ${input.externalId} and x.external_variant_id = ${input.variantId}) as taken`);
			if (!free || free.taken || !inScope(input.externalFields, free.scope ?? undefined)) return 'taken';
			const allowed = await reserveEffects(tx, {
				channelId,
				entity: entity.name,
				kind: 'creates',
				limit: input.limit,
				wanted: 1,
				runId: input.runId
			});
			if (allowed === 0) return 'held';
			const record = await entity.store.insert(tx, input.fields, input.changed);
			const link = {
				channelId,
				entity,
				internalId: record.id,
				externalId: input.externalId,
				variantId: input.variantId,
				baseInternal: record.fields,
				baseExternal: input.externalBase ?? input.externalFields,
				unconfirmed: [],
				internalVersion: record.rev,
				externalVersion: input.externalVersion,
				externalStamp: input.externalStamp,
				codecFingerprint: input.codecFingerprint
			};
			const linkId = await insertLink(tx, link);
			if (linkId === null) throw new LinkTaken();
			await recordCreation(tx, { runId: input.runId, action: 'create-internal', link, linkId, side: 'internal' });
			return 'imported';
		});
	try {
		return await attempt();
	} catch (error) {
		if (error instanceof LinkTaken) return 'taken';
		if (isUniqueViolation(error)) return 'duplicate';
		throw error;
	}
}

/** Rolls the new record of ours back: somebody linked the external record in between. */
class LinkTaken extends Error {}
