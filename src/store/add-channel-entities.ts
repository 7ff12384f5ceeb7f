import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import { initialPolicy, initialSchedule } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { writeAudit } from './journal.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { unknownChannel, unknownEntity } from './refusals.ts';
import { retrying } from './transaction.ts';

export type AddChannelEntitiesInput = Person & { channelId: string; entities: readonly string[] };
export type AddChannelEntitiesResult = { ok: true; added: string[] } | Refusal;

/** Lets a channel carry further entities, watching: the next runs list, match and compare them and write nothing. */
export async function addChannelEntities(db: Db, input: AddChannelEntitiesInput): Promise<AddChannelEntitiesResult> {
	const unknown = input.entities.find((name) => !entityNamed(name));
	if (unknown !== undefined) return unknownEntity(unknown, { field: 'entities' });
	return retrying(db, async (tx): Promise<AddChannelEntitiesResult> => {
		const { channelId } = input;
		const found = await tx.execute(
			sql`select 1 from c_channel where id = ${channelId}::bigint and deleted_at is null for update`
		);
		if (found.length === 0) return unknownChannel(channelId);
		const added = await insertWatching(tx, channelId, input.entities);
		if (added.length > 0)
			await writeAudit(tx, input, {
				action: 'add-entities',
				object: `channel/${channelId}`,
				channelId,
				detail: { entities: added }
			});
		return { ok: true, added };
	});
}

/** Adds rows for entities that the channel does not carry yet; returns their names in order. */
export async function insertWatching(
	tx: Transaction,
	channelId: string,
	entities: readonly string[]
): Promise<string[]> {
	const fresh = entities.flatMap((name) => {
		const entity = entityNamed(name);
		return entity ? [{ name, policy: initialPolicy(entity), schedule: initialSchedule(entity) }] : [];
	});
	const rows = await tx.execute<{ entity: string }>(sql`
		insert into c_channel_entity (c_channel_id, entity, policy, schedule)
		select ${channelId}::bigint, e.name, e.policy, e.schedule
		from jsonb_to_recordset(${JSON.stringify(fresh)}::text::jsonb) as e(name text, policy jsonb, schedule jsonb)
		on conflict do nothing returning entity`);
	return rows.map(({ entity }) => entity).toSorted();
}
