import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from './link-state.ts';
import { fieldsInScope, internalInScope } from './scope-condition.ts';
import { scopeOf } from './scope-of.ts';

/** Puts every record of one side that has no link, is in scope and not set aside on the waiting list: what automatic creation works through. */
export async function fillCandidates(
	tx: Transaction,
	entity: Entity,
	channelId: string,
	side: 'internal' | 'external'
): Promise<void> {
	const { map, internal, external } = linkTable(entity);
	const scope = await scopeOf(tx, channelId, entity.name);
	const here = sql`c_channel_id = ${channelId}::bigint`;
	await tx.execute(
		side === 'internal'
			? sql`
				insert into sync_candidate (c_channel_id, entity, side, record_id)
				select ${channelId}::bigint, ${entity.name}, 'internal', r.id::text from ${sql.identifier(entity.recordTable)} r
				where not exists (select 1 from ${map} m where m.${here} and m.${internal} = r.id)
					and not exists (select 1 from c_channel_exclusion x where x.${here} and x.entity = ${entity.name} and x.kind = 'record' and x.internal_id = r.id)
					and ${internalInScope(entity, 'r', scope.internal)}
				on conflict do nothing`
			: sql`
				insert into sync_candidate (c_channel_id, entity, side, record_id, external_variant_id)
				select ${channelId}::bigint, ${entity.name}, 'external', r.external_id, r.external_variant_id from c_channel_record r
				where r.${here} and r.entity = ${entity.name} and r.deleted_at is null
					and not exists (select 1 from ${map} m where m.${here} and m.${external} = r.external_id and m.external_variant_id = r.external_variant_id)
					and not exists (select 1 from c_channel_exclusion x where x.${here} and x.entity = ${entity.name} and x.kind = 'record'
						and x.external_id = r.external_id and x.external_variant_id = r.external_variant_id)
					and ${fieldsInScope('r', scope.external)}
				on conflict do nothing`
	);
}
