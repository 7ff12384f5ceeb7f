import type { Entity } from '#src/entities/entity.ts';
import type { ConflictRow, SettledRow } from '#src/lib/components/conflict-row.ts';
import type { Conflict } from '#src/mappings/list-conflicts.ts';
import { referenceNames, type NameOf } from '#src/mappings/reference-names.ts';

/** Label and type of a field; the name itself where the entity does not know it any more. */
export function fieldShown(
	entities: readonly Entity[],
	entityName: string,
	fieldName: string
): { label: string; type: string } {
	const entity = entities.find(({ name }) => name === entityName);
	const field = entity?.fields.find(({ name }) => name === fieldName);
	return { label: field?.label ?? fieldName, type: field?.type ?? 'text' };
}

/** What both sides held when they last agreed; undefined where they never did: at first contact. */
export function lastAgreed({ rule, base }: Pick<Conflict, 'rule' | 'base'>): Conflict['base'] | undefined {
	return rule.startsWith('first-contact') ? undefined : base;
}

/** Conflicts as the lists show them. */
export function conflictRows(entities: readonly Entity[], rows: readonly Conflict[]): ConflictRow[] {
	return rows.map((row) => conflictRow(entities, row));
}

/** Conflicts that a rule settled, as the lists show them. */
export function settledRows(entities: readonly Entity[], rows: readonly Conflict[]): SettledRow[] {
	return rows.map((row) => {
		const { base, winner, decidedAt, reversedBy, linked } = row;
		return { ...conflictRow(entities, row), base, winner: winner ?? 'internal', decidedAt, reversedBy, linked };
	});
}

/** What is shown of a conflict and nothing else: each row goes to the browser as a row and once more as data. */
function conflictRow(entities: readonly Entity[], row: Conflict): ConflictRow {
	const { id, entity, linkId, internal, external, rule, createdAt } = row;
	return {
		id,
		entity,
		linkId,
		value: row.value ?? row.internalId,
		name: row.name ?? '',
		...fieldShown(entities, entity, row.field),
		base: lastAgreed(row),
		internal,
		external,
		rule,
		channel: { id: row.channelId, name: row.channelName },
		createdAt
	};
}

/** A conflict whose references show what they point to. */
export function withNames<
	Row extends Pick<Conflict, 'entity' | 'field' | 'channelId' | 'internal' | 'external' | 'base'>
>(nameOf: NameOf, row: Row): Row {
	const { entity, field, channelId } = row;
	const ours = { entity, field, side: 'internal' as const, channelId };
	return {
		...row,
		internal: nameOf({ ...ours, value: row.internal }),
		base: nameOf({ ...ours, value: row.base }),
		external: nameOf({ ...ours, side: 'external', value: row.external })
	};
}

/** The same for a page of conflicts, looked up at once. */
export async function allWithNames<Row extends Parameters<typeof withNames>[1]>(
	db: App.Locals['db'],
	rows: readonly Row[]
): Promise<Row[]> {
	const nameOf = await referenceNames(
		db,
		rows.flatMap(({ entity, field, channelId, internal, external, base }) => [
			{ entity, field, side: 'internal' as const, channelId, value: internal },
			{ entity, field, side: 'internal' as const, channelId, value: base },
			{ entity, field, side: 'external' as const, channelId, value: external }
		])
	);
	return rows.map((row) => withNames(nameOf, row));
}
