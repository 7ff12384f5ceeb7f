import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { valueTarget } from '#src/sync/value-table.ts';
import { writeAudit } from './journal.ts';
import { linkTable } from './link-state.ts';
import type { Person } from './person.ts';
import { refusal, type Refusal } from './refusal.ts';
import { unknownChannel } from './refusals.ts';
import { retrying } from './transaction.ts';

/** What a value of ours is called at the channel. Several of ours may be one of theirs, and the other way round: the first pair counts. */
export type ValuePair = { ours: string; theirs: string };

export type SaveValuesInput = Person & {
	channelId: string;
	/** Name of the value table. */
	table: string;
	added: readonly ValuePair[];
	/** Ids of pairs. */
	removed: readonly string[];
};
/** `woken`: links and records that waited for one of these values and go on now. */
export type SaveValuesResult = { ok: true; woken: number } | Refusal;

export const pairsAtMost = 1000;

/**
 * Changes a value table. In the same transaction whatever waited for a value that is there now goes on, and links that
 * agreed by a pair which is changed are compared anew; nothing is overwritten.
 */
export async function saveValues(db: Db, input: SaveValuesInput): Promise<SaveValuesResult> {
	const { channelId, table } = input;
	return retrying(db, async (tx): Promise<SaveValuesResult> => {
		await tx.execute(sql`select cm_lock_awaiting(${channelId}::bigint, ${valueTarget(table)}, true)`);
		const found = await tx.execute(
			sql`select 1 from c_channel where id = ${channelId}::bigint and deleted_at is null for key share`
		);
		if (found.length === 0) return unknownChannel(channelId);
		const removed = await removePairs(tx, input);
		const kept = await tx.execute<ValuePair>(
			sql`select ours, theirs from c_channel_value where c_channel_id = ${channelId}::bigint and value_table = ${table}`
		);
		if (kept.length + input.added.length > pairsAtMost) return tooManyPairs();
		const added = await addPairs(tx, input);
		if (removed.length + added.length === 0) return { ok: true, woken: 0 };
		const woken = await wake(tx, channelId, valueTarget(table), added);
		await compareAnew(tx, channelId, affectedBy(removed, added, kept));
		const detail = { table, added, removed };
		await writeAudit(tx, input, { action: 'save-values', object: `channel/${channelId}`, channelId, detail });
		return { ok: true, woken };
	});
}

/** More pairs than a value table is made for. */
export function tooManyPairs(): Refusal {
	const hint = 'Values of that number are records: link them instead.';
	return refusal('invalid', `A value table holds ${pairsAtMost} pairs at most.`, hint);
}

/** Pairs by which links may have agreed so far: those that are gone, and those that another one of the same value stood for. */
export function affectedBy(
	removed: readonly ValuePair[],
	added: readonly ValuePair[],
	kept: readonly ValuePair[]
): ValuePair[] {
	const known = [...kept, ...removed];
	return [
		...removed,
		...added.filter(({ ours, theirs }) => known.some((pair) => pair.ours === ours || pair.theirs === theirs))
	];
}

async function removePairs(tx: Transaction, { channelId, table, removed }: SaveValuesInput): Promise<ValuePair[]> {
	if (removed.length === 0) return [];
	const rows = await tx.execute<ValuePair>(sql`
		with gone as (
			delete from c_channel_value where c_channel_id = ${channelId}::bigint and value_table = ${table}
				and id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(removed)}::text::jsonb))
			returning id, ours, theirs
		)
		select ours, theirs from gone order by id`);
	return [...rows];
}

async function addPairs(tx: Transaction, input: SaveValuesInput): Promise<ValuePair[]> {
	const added: ValuePair[] = [];
	for (const { ours, theirs } of input.added) {
		const rows = await tx.execute(sql`
			insert into c_channel_value (c_channel_id, value_table, ours, theirs, created_by)
			values (${input.channelId}::bigint, ${input.table}, ${ours}, ${theirs}, ${input.actor.name}) on conflict do nothing returning id`);
		if (rows.length > 0) added.push({ ours, theirs });
	}
	return added;
}

async function wake(tx: Transaction, channelId: string, target: string, added: readonly ValuePair[]): Promise<number> {
	if (added.length === 0) return 0;
	const keys = added.flatMap(({ ours, theirs }) => [
		{ side: 'internal', value: ours },
		{ side: 'external', value: theirs }
	]);
	const [waiting] = await tx.execute<{ owners: number }>(sql`
		select count(distinct (a.entity, a.owner, a.owner_id, a.external_variant_id))::int as owners from sync_awaiting a
		join jsonb_to_recordset(${JSON.stringify(keys)}::text::jsonb) as k(side text, value text) on k.side = a.side and k.value = a.ref_id
		where a.c_channel_id = ${channelId}::bigint and a.to_entity = ${target}`);
	await tx.execute(sql`
		select cm_wake_awaiting(${channelId}::bigint, ${target},
			array(select p.ours from jsonb_to_recordset(${JSON.stringify(added)}::text::jsonb) as p(ours text)),
			array(select p.theirs from jsonb_to_recordset(${JSON.stringify(added)}::text::jsonb) as p(theirs text)))`);
	return waiting?.owners ?? 0;
}

/** Marks links whose last agreement holds one of these values, and those that wait for a person: they may agree now. */
async function compareAnew(tx: Transaction, channelId: string, pairs: readonly ValuePair[]): Promise<void> {
	const carried = await tx.execute<{ entity: string }>(
		sql`select entity from c_channel_entity where c_channel_id = ${channelId}::bigint order by entity`
	);
	for (const { entity: name } of carried) {
		const entity = entityNamed(name);
		if (!entity) continue;
		const { map } = linkTable(entity);
		const values = (side: keyof ValuePair) => sql`
			select p.${sql.identifier(side)} from jsonb_to_recordset(${JSON.stringify(pairs)}::text::jsonb) as p(ours text, theirs text)`;
		const held = sql`
			exists (select 1 from jsonb_each_text(m.base_internal) b where b.value in (${values('ours')}))
			or exists (select 1 from jsonb_each_text(m.base_external) b where b.value in (${values('theirs')}))`;
		// Without a changed pair the index by status answers.
		const some = pairs.length === 0 ? sql`m.status = 'conflict'` : sql`(m.status = 'conflict' or ${held})`;
		await tx.execute(sql`
			with locked as (select m.id from ${map} m where m.c_channel_id = ${channelId}::bigint and ${some} order by m.id for update)
			update ${map} m set dirty_seq = m.dirty_seq + 1 from locked where m.id = locked.id`);
	}
}
