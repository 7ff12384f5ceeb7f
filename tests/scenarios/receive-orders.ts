import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { goLive } from '#src/store/go-live.ts';
import { resolveConflicts } from '#src/store/resolve-conflicts.ts';
import { saveChannelEntity } from '#src/store/save-channel-entity.ts';

const person = { actor: { name: 'ann@example.org' }, via: 'web' as const };

/** From now on, a person has orders of this channel taken over. */
export async function receiveOrders(db: Db, channelId: string): Promise<void> {
	const at = { channelId, entity: 'sales-order', ...person };
	for (const direction of ['push', 'pull'] as const) await goLive(db, { ...at, direction });
	const [row] = await db.execute<{ settingsRev: number }>(sql`
		select settings_rev as "settingsRev" from c_channel_entity
		where c_channel_id = ${channelId}::bigint and entity = 'sales-order'`);
	const saved = await saveChannelEntity(db, { ...at, settingsRev: row?.settingsRev ?? 0, autoCreateInternal: true });
	if (!saved.ok) throw new Error(`not saved: ${JSON.stringify(saved)}`);
}

/** A person confirms what the channel made of an order. */
export async function confirmChanges(
	db: Db,
	link: { id: string; internalId: string; externalVersion: string | null },
	fields: readonly string[]
): Promise<void> {
	const [row] = await db.execute<{ rev: string }>(
		sql`select rev::text as rev from c_order where id = ${link.internalId}::bigint`
	);
	const result = await resolveConflicts(db, {
		...person,
		entity: 'sales-order',
		linkId: link.id,
		choices: Object.fromEntries(fields.map((field) => [field, 'external' as const])),
		internalRev: row?.rev ?? '',
		externalVersion: link.externalVersion ?? ''
	});
	if (!result.ok) throw new Error(`not confirmed: ${JSON.stringify(result)}`);
}

/** Which records at this channel wait for what, in words. */
export async function waitingAt(db: Db, channelId: string): Promise<string[]> {
	const rows = await db.execute<{ owner: string; to: string; id: string }>(sql`
		select owner_id as owner, to_entity as "to", ref_id as id from sync_awaiting
		where c_channel_id = ${channelId}::bigint order by owner_id, to_entity`);
	return rows.map(({ owner, to, id }) => `${owner} waits for ${to} ${id}`);
}
