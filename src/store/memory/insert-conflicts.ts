import type { Entity } from '#src/entities/entity.ts';
import type { FieldConflict } from '#src/sync/decide.ts';
import type { ConflictRow as JudgedLink } from '../insert-conflicts.ts';
import type { Tables } from './tables.ts';

type Input = { channelId: string; entity: Entity; rows: readonly JudgedLink[] };

/** `insertConflicts` in memory: keeps settled conflicts, opens asked ones, ends open ones that are none any more. */
export function insertConflicts(tables: Tables, input: Input): void {
	for (const row of input.rows) if (row.asked) endOthers(tables, input.entity.name, row.linkId, row.asked);
	for (const row of input.rows) {
		for (const conflict of row.settled) insertConflict(tables, input, row, conflict);
		for (const conflict of row.asked ?? []) insertConflict(tables, input, row, conflict);
	}
}

function endOthers(tables: Tables, entity: string, linkId: string, asked: readonly FieldConflict[]): void {
	const open = [...tables.openConflictsOfLink(entity, linkId)];
	for (const conflict of open) {
		if (asked.some(({ field }) => field === conflict.field)) continue;
		tables.conflicts.replace(conflict, { ...conflict, state: 'gone', decidedAt: tables.now() });
	}
}

function insertConflict(tables: Tables, input: Input, row: JudgedLink, conflict: FieldConflict): void {
	const entity = input.entity.name;
	const id = tables.conflicts.nextId();
	const { field, winner } = conflict;
	const seen = {
		base: conflict.base,
		internal: conflict.internal,
		external: conflict.external,
		internalRev: row.internalVersion ?? '',
		externalVersion: row.externalVersion,
		rule: conflict.rule
	};
	const open = winner === null ? tables.openConflict(entity, row.linkId, field) : undefined;
	if (open) {
		tables.conflicts.replace(open, { ...open, ...seen });
		return;
	}
	tables.conflicts.insert({
		id,
		channelId: input.channelId,
		entity,
		linkId: row.linkId,
		internalId: row.internalId,
		externalId: row.externalId,
		variantId: row.variantId,
		field,
		...seen,
		state: winner === null ? 'open' : 'settled',
		winner,
		reversedBy: null,
		decidedBy: winner === null ? null : 'engine',
		decidedAt: winner === null ? null : tables.now(),
		createdAt: tables.now()
	});
	tables.requireChannel('sync_conflict', input.channelId);
}
