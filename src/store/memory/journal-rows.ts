import type { AuditEventRow, DecisionRow } from './decision-tables.ts';
import type { ItemRow } from './run-tables.ts';
import type { Tables } from './tables.ts';

/** INSERT INTO sync_decision: what is not named takes the column default. */
export function insertDecision(
	tables: Tables,
	values: Pick<DecisionRow, 'entity' | 'actor' | 'action'> & Partial<DecisionRow>
): DecisionRow {
	return tables.decisions.insert({
		id: tables.decisions.nextId(),
		at: tables.now(),
		channelId: null,
		linkId: null,
		internalId: null,
		externalId: null,
		variantId: '',
		runId: null,
		inputs: {},
		changes: [],
		codecFingerprint: null,
		shadow: null,
		linkState: null,
		...values
	});
}

/** INSERT INTO sync_item: what is not named takes the column default. */
export function insertItem(
	tables: Tables,
	values: Pick<ItemRow, 'runId' | 'action' | 'outcome'> & Partial<ItemRow>
): void {
	tables.items.insert({
		id: tables.items.nextId(),
		linkId: null,
		internalId: null,
		externalId: null,
		variantId: '',
		fields: [],
		problem: null,
		plan: null,
		leftOut: false,
		at: tables.now(),
		...values
	});
	tables.requireRun('sync_item', values.runId);
}

/** INSERT INTO sync_batch. */
export function insertBatch(
	tables: Tables,
	runId: string,
	phase: string,
	counts: Readonly<Record<string, number>>
): void {
	tables.batches.insert({ id: tables.batches.nextId(), runId, phase, counts, at: tables.now() });
	tables.requireRun('sync_batch', runId);
}

/** INSERT INTO audit_event: what is not named takes the column default. */
export function insertAuditEvent(
	tables: Tables,
	values: Pick<AuditEventRow, 'actor' | 'via' | 'action' | 'object'> & Partial<AuditEventRow>
): void {
	const id = tables.auditEvents.nextId();
	tables.auditEvents.insert({ id, at: tables.now(), channelId: null, detail: {}, ...values });
}
