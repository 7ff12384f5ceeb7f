import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { SideScopes } from '#src/sync/scope.ts';
import { fieldsInScope, internalInScope } from './scope-condition.ts';

/**
 * Drops the suggestions of records that are out of a new scope, what such records wait for, and their creates that never left.
 * Links stay: ending one is a person's act.
 */
export async function leaveScope(tx: Transaction, entity: Entity, channelId: string, scope: SideScopes): Promise<void> {
	const at = (alias: string) =>
		sql`${sql.raw(alias)}.c_channel_id = ${channelId}::bigint and ${sql.raw(alias)}.entity = ${entity.name}`;
	const record = sql.identifier(entity.recordTable);
	const ours = internalInScope(entity, 'r', scope.internal);
	const theirs = fieldsInScope('r', scope.external);
	if (scope.internal) {
		await tx.execute(sql`
			delete from c_channel_suggestion s using ${record} r where ${at('s')} and r.id = s.internal_id and not ${ours}`);
		await tx.execute(sql`
			delete from sync_awaiting a using ${record} r
			where ${at('a')} and a.owner = 'internal' and r.id = case when a.owner = 'internal' then a.owner_id::bigint end and not ${ours}`);
		await tx.execute(sql`
			delete from sync_intent r where ${at('r')} and r.state = 'open' and r.sent_at is null and not ${fieldsInScope('r', scope.internal)}`);
	}
	if (!scope.external) return;
	await tx.execute(sql`
		delete from c_channel_suggestion s using c_channel_record r
		where ${at('s')} and ${at('r')} and r.external_id = s.external_id and r.external_variant_id = s.external_variant_id and not ${theirs}`);
	await tx.execute(sql`
		delete from sync_awaiting a using c_channel_record r
		where ${at('a')} and a.owner = 'external' and ${at('r')} and r.external_id = a.owner_id and r.external_variant_id = a.external_variant_id and not ${theirs}`);
}
