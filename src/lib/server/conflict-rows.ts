import { entityNamed } from '#src/entities/registry.ts';
import type { ConflictRow, SettledRow } from '#src/lib/components/conflict-row.ts';
import type { Conflict } from '#src/mappings/list-conflicts.ts';

/** Label and type of a field; the name itself where the entity does not know it any more. */
export function fieldShown(entityName: string, fieldName: string): { label: string; type: string } {
	const field = entityNamed(entityName)?.fields.find(({ name }) => name === fieldName);
	return { label: field?.label ?? fieldName, type: field?.type ?? 'text' };
}

/** Conflicts as the lists show them. */
export function conflictRows(rows: readonly Conflict[]): ConflictRow[] {
	return rows.map(({ channelId, channelName, ...row }) => ({
		...row,
		...fieldShown(row.entity, row.field),
		channel: { id: channelId, name: channelName },
		value: row.value ?? row.internalId,
		name: row.name ?? ''
	}));
}

/** Conflicts that a rule settled, as the lists show them. */
export function settledRows(rows: readonly Conflict[]): SettledRow[] {
	return rows.map((row) => ({
		...row,
		...fieldShown(row.entity, row.field),
		channel: { id: row.channelId, name: row.channelName },
		value: row.value ?? row.internalId,
		name: row.name ?? '',
		winner: row.winner ?? 'internal'
	}));
}
