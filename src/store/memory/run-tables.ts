import type { batch, ceiling, hold, item, run } from '#src/db/schema/runs.ts';
import { foreignKeyViolation } from './database-error.ts';
import { compositeKey, keyOf, Table, tableById, type UndoLog } from './table.ts';

export type RunRow = typeof run.$inferSelect;
export type BatchRow = typeof batch.$inferSelect;
export type ItemRow = typeof item.$inferSelect;
export type CeilingRow = typeof ceiling.$inferSelect;
export type HoldRow = typeof hold.$inferSelect;

/** Runs with their batches and items. */
export function runTables(undo: UndoLog) {
	const runs = tableById<RunRow>('sync_run', undo);
	const running = runs.unique('sync_run_running', (row) => (row.state === 'running' ? keyOf.channelEntity(row) : null));
	const queued = runs.grouped((row) => (row.state === 'queued' ? keyOf.channelEntity(row) : null));
	const ofPlan = runs.grouped((row) => row.planId);
	const items = tableById<ItemRow>('sync_item', undo);
	const itemsOfLink = items.grouped((row) => (row.linkId === null ? null : compositeKey(row.linkId, row.runId)));
	const batches = tableById<BatchRow>('sync_batch', undo);
	return {
		runs,
		runningRun: (channelId: string, entity: string) => running(compositeKey(channelId, entity)),
		queuedRuns: (channelId: string, entity: string) => queued(compositeKey(channelId, entity)),
		runsOfPlan: (planId: string) => ofPlan(planId),
		items,
		itemsOfRun: items.grouped((row) => row.runId),
		itemsOfLinkInRun: (linkId: string, runId: string) => itemsOfLink(compositeKey(linkId, runId)),
		batches,
		batchesOfRun: batches.grouped((row) => row.runId),
		/** Throws what a foreign key to sync_run would. */
		requireRun(table: string, runId: string) {
			if (!runs.get(runId)) throw foreignKeyViolation(table, `${table}_run_id_sync_run_id_fk`);
		}
	};
}

/** Effects counted for the ceilings, and what waits beyond them. */
export function ceilingTables(undo: UndoLog) {
	const ceilings = new Table<CeilingRow>(
		'sync_ceiling',
		undo,
		(row) => compositeKey(row.channelId, row.entity, row.kind, row.hour),
		false
	);
	const ceilingsOf = ceilings.grouped((row) => compositeKey(row.channelId, row.entity, row.kind));
	const holds = tableById<HoldRow>('sync_hold', undo);
	const openHold = holds.unique('sync_hold_open', (row) =>
		row.state === 'open' ? compositeKey(row.channelId, row.entity, row.kind) : null
	);
	const openHolds = holds.grouped((row) => (row.state === 'open' ? keyOf.channelEntity(row) : null));
	return {
		ceilings,
		ceiling: (channelId: string, entity: string, kind: string, hour: string) =>
			ceilings.get(compositeKey(channelId, entity, kind, hour)),
		ceilingsOf: (channelId: string, entity: string, kind: string) => ceilingsOf(compositeKey(channelId, entity, kind)),
		holds,
		openHold: (channelId: string, entity: string, kind: string) => openHold(compositeKey(channelId, entity, kind)),
		openHolds: (channelId: string, entity: string) => openHolds(compositeKey(channelId, entity))
	};
}
