import { sql, type SQL } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { linkTable } from '../link-state.ts';
import type { Person } from '../person.ts';
import type { Refusal } from '../refusal.ts';
import { notCarried, unknownChannel, unknownEntity } from '../refusals.ts';
import { retrying } from '../transaction.ts';

export type PasteListInput = Person & {
	channelId: string;
	entity: string;
	/** Distinct, in the order in which they were pasted. */
	entries: readonly string[];
};
export type PasteListResult = { ok: true; listId: string } | Refusal;

/** A pasted list is kept for so many days. */
export const pastedDays = 30;
/** Records of one side that one entry can mean. */
const hitsAtMost = 20;
/** Between an external id and that of its variant, as lists print the two. */
const variantMark = ' / ';

/**
 * Keeps a pasted list, with the records that its entries mean now: those with that code on either side, however it is
 * spelled; without one the channel's record with that id; without one ours with that id.
 */
export async function pasteList(db: Db, input: PasteListInput): Promise<PasteListResult> {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const { channelId } = input;
	return retrying(db, async (tx) => {
		const [channel] = await tx.execute<{ name: string; carries: boolean }>(sql`
			select c.name, e.entity is not null as carries
			from c_channel c left join c_channel_entity e on e.c_channel_id = c.id and e.entity = ${entity.name} where c.id = ${channelId}::bigint`);
		if (!channel) return unknownChannel(channelId);
		if (!channel.carries) return notCarried(channel.name, entity);
		const [list] = await tx.execute<{ id: string }>(sql`
			insert into sync_pasted_list (c_channel_id, entity, owner, entries)
			values (${channelId}::bigint, ${entity.name}, ${input.actor.name}, ${input.entries.length}) returning id::text as id`);
		if (!list) throw new Error('sync_pasted_list: insert returned no row');
		// Look-ups by index, one for each entry, whatever a planner thinks of how many there are.
		await tx.execute(sql`set local enable_seqscan = off`);
		await tx.execute(sql`set local jit = off`);
		await insertEntries(tx, list.id, input.entries);
		await findCodes(tx, entity, { channelId, listId: list.id });
		await findExternalIds(tx, entity, { channelId, listId: list.id });
		await findInternalIds(tx, entity, list.id);
		await tx.execute(sql`
			update sync_pasted_entry e set found = true
			where e.list_id = ${list.id}::bigint and e.place in (select h.place from sync_pasted_hit h where h.list_id = ${list.id}::bigint)`);
		return { ok: true, listId: list.id };
	});
}

async function insertEntries(tx: Transaction, listId: string, entries: readonly string[]): Promise<void> {
	await tx.execute(sql`
		insert into sync_pasted_entry (list_id, place, entry, found)
		select ${listId}::bigint, e.place, e.entry, false
		from jsonb_array_elements_text(${JSON.stringify(entries)}::text::jsonb) with ordinality as e(entry, place)`);
}

type At = { channelId: string; listId: string };

async function findCodes(tx: Transaction, entity: Entity, { channelId, listId }: At): Promise<void> {
	const coded = sql`(select e.place, match_code(e.entry) as code from sync_pasted_entry e where e.list_id = ${listId}::bigint) e`;
	await tx.execute(sql`
		insert into sync_pasted_hit (list_id, place, internal_id)
		select ${listId}::bigint, e.place, r.id from ${coded} cross join lateral (
			select r.id from ${sql.identifier(entity.recordTable)} r where match_code(r.value) = e.code limit ${hitsAtMost}
		) r order by e.place, r.id`);
	await tx.execute(sql`
		insert into sync_pasted_hit (list_id, place, external_id, external_variant_id)
		select ${listId}::bigint, e.place, x.external_id, x.external_variant_id from ${coded} cross join lateral (
			select k.external_id, k.external_variant_id from (
				select x.* from c_channel_record x where x.match_keys && array['value=' || e.code] offset 0
			) k where k.c_channel_id = ${channelId}::bigint and k.entity = ${entity.name} and k.deleted_at is null limit ${hitsAtMost}
		) x where e.code is not null order by e.place, x.external_id, x.external_variant_id`);
}

/** Entries that mean nothing yet, as a relation `e`. */
function open(listId: string): SQL {
	return sql`(
		select e.place, e.entry from sync_pasted_entry e where e.list_id = ${listId}::bigint
			and e.place not in (select h.place from sync_pasted_hit h where h.list_id = ${listId}::bigint)
	) e`;
}

async function findExternalIds(tx: Transaction, entity: Entity, { channelId, listId }: At): Promise<void> {
	const { map, external } = linkTable(entity);
	const split = sql`(
		select e.place, e.entry as id, null::text as variant from ${open(listId)}
		union all
		select e.place, split_part(e.entry, ${variantMark}, 1), split_part(e.entry, ${variantMark}, 2) from ${open(listId)}
		where strpos(e.entry, ${variantMark}) > 0
	) e`;
	await tx.execute(sql`
		insert into sync_pasted_hit (list_id, place, external_id, external_variant_id)
		select distinct ${listId}::bigint, e.place, x.id, x.variant from ${split} cross join lateral (
			(select x.external_id as id, x.external_variant_id as variant from c_channel_record x where x.c_channel_id = ${channelId}::bigint
				and x.entity = ${entity.name} and x.external_id = e.id and x.deleted_at is null and (e.variant is null or x.external_variant_id = e.variant) limit ${hitsAtMost})
			union all
			(select m.${external}, m.external_variant_id from ${map} m where m.c_channel_id = ${channelId}::bigint and m.${external} = e.id
				and (e.variant is null or m.external_variant_id = e.variant) limit ${hitsAtMost})
		) x`);
}

async function findInternalIds(tx: Transaction, entity: Entity, listId: string): Promise<void> {
	await tx.execute(sql`
		insert into sync_pasted_hit (list_id, place, internal_id)
		select ${listId}::bigint, e.place, r.id from (
			select e.place, e.entry::bigint as id from ${open(listId)} where e.entry ~ '^[0-9]{1,18}$' offset 0
		) e cross join lateral (select r.id from ${sql.identifier(entity.recordTable)} r where r.id = e.id offset 0) r`);
}
