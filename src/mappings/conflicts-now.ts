import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entitiesIn } from '#src/store/custom-fields.ts';
import { conflictDigest } from '#src/store/conflict-digest.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import { isId } from './identifier.ts';
import { ofFilter, type ConflictFilter } from './list-conflicts.ts';

/** Conflicts that one answer about all of a filter covers; the rest is shown when it is through. */
export const conflictsAtOnce = 5_000;

/** A conflict with what `resolveMany` takes for "this is what was on the screen". */
export type SeenConflict = { id: string; entity: string; seen: string };

type Sides = { id: string; entity: string; internalId: string; field: string; internal: Value; external: Value };

const readAtOnce = 500;

/**
 * The same rows with our record's value as it is now, which a run may not have seen yet, and the digest of both sides. Where
 * our record is gone the value of the conflict stays. `known` is what `entitiesIn` gave, where that was asked already.
 */
export async function withOursNow<Row extends Sides>(
	db: Db,
	rows: readonly Row[],
	known?: readonly Entity[]
): Promise<(Row & { seen: string })[]> {
	const entities = known ?? (await entitiesIn(db));
	const ours = new Map<string, Fields>();
	for (const entity of entities) {
		const ids = [...new Set(rows.flatMap((row) => (row.entity === entity.name ? [row.internalId] : [])))];
		for (let at = 0; at < ids.length; at += readAtOnce) {
			const records = await entity.store.read(db, ids.slice(at, at + readAtOnce));
			for (const { id, fields } of records) ours.set(`${entity.name} ${id}`, fields);
		}
	}
	return rows.map((row) => {
		const record = ours.get(`${row.entity} ${row.internalId}`);
		const internal = record ? (record[row.field] ?? null) : row.internal;
		const { external } = row;
		const type = fieldOf(entities, row)?.type ?? 'text';
		return { ...row, internal, seen: conflictDigest(type, { internal, external }) };
	});
}

/** The first 5,000 conflicts of a filter, oldest first, as they are now. */
export async function seenConflicts(db: Db, filter: ConflictFilter): Promise<SeenConflict[]> {
	if (filter.channelId && !isId(filter.channelId)) return [];
	const rows = await db.execute<Sides>(sql`
		select k.id::text as id, k.entity, k.internal_id::text as "internalId", k.field, k.internal, k.external
		from sync_conflict k where ${ofFilter('open', filter)} order by k.id limit ${conflictsAtOnce}`);
	return (await withOursNow(db, rows)).map(({ id, entity, seen }) => ({ id, entity, seen }));
}

/** Code of the record and field of these conflicts, for a message that names some. */
export async function conflictNames(db: Db, ids: readonly string[]): Promise<{ value: string; field: string }[]> {
	const entities = await entitiesIn(db);
	const cases = entities.map(
		(entity) =>
			sql`when ${entity.name} then (select r.value from ${sql.identifier(entity.recordTable)} r where r.id = k.internal_id)`
	);
	const rows = await db.execute<{ value: string; entity: string; field: string }>(sql`
		select coalesce(case k.entity ${sql.join(cases, sql` `)} end, k.internal_id::text) as value, k.entity, k.field from sync_conflict k
		where k.id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb)) order by k.id`);
	return rows.map((row) => ({ value: row.value, field: fieldOf(entities, row)?.label ?? row.field }));
}

const fieldOf = (entities: readonly Entity[], { entity, field }: { entity: string; field: string }) =>
	entities.find(({ name }) => name === entity)?.fields.find(({ name }) => name === field);
