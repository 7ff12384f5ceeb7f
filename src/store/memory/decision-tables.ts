import type { bulkJob } from '#src/db/schema/bulk.ts';
import type { auditEvent, conflict, decision, linkHistory } from '#src/db/schema/decisions.ts';
import { compositeKey, tableById, type UndoLog } from './table.ts';

export type ConflictRow = typeof conflict.$inferSelect;
export type DecisionRow = typeof decision.$inferSelect;
export type LinkHistoryRow = typeof linkHistory.$inferSelect;
export type BulkJobRow = typeof bulkJob.$inferSelect;
export type AuditEventRow = typeof auditEvent.$inferSelect;

/** Conflicts, journal, ended links and audit trail. */
export function decisionTables(undo: UndoLog) {
	const conflicts = tableById<ConflictRow>('sync_conflict', undo);
	const open = conflicts.unique('sync_conflict_open', (row) =>
		row.state === 'open' ? compositeKey(row.entity, row.linkId, row.field) : null
	);
	const ofLink = conflicts.grouped((row) => compositeKey(row.entity, row.linkId));
	const openOfLink = conflicts.grouped((row) => (row.state === 'open' ? compositeKey(row.entity, row.linkId) : null));
	const decisions = tableById<DecisionRow>('sync_decision', undo);
	const ofRecord = decisions.grouped((row) =>
		row.internalId === null ? null : compositeKey(row.entity, row.internalId)
	);
	return {
		conflicts,
		openConflict: (entity: string, linkId: string, field: string) => open(compositeKey(entity, linkId, field)),
		conflictsOfLink: (entity: string, linkId: string) => ofLink(compositeKey(entity, linkId)),
		openConflictsOfLink: (entity: string, linkId: string) => openOfLink(compositeKey(entity, linkId)),
		decisions,
		decisionsOfRecord: (entity: string, internalId: string) => ofRecord(compositeKey(entity, internalId)),
		/** Only those that keep what was accepted together: no other bulk verb has a twin here. */
		bulkJobs: tableById<BulkJobRow>('sync_bulk_job', undo),
		linkHistory: tableById<LinkHistoryRow>('link_history', undo),
		auditEvents: tableById<AuditEventRow>('audit_event', undo)
	};
}
