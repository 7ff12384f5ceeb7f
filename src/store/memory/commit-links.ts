import type { LinkStateDelta } from '#src/db/schema/decisions.ts';
import { unmetLosses, type ShadowLoss } from '#src/sync/shadow.ts';
import {
	awaitingOwners,
	awaitingRows,
	type CommitLinksInput,
	type CommitLinksResult,
	type LinkCommit
} from '../commit-links.ts';
import { saveAwaiting } from './awaiting.ts';
import { insertConflicts } from './insert-conflicts.ts';
import { insertBatch, insertDecision, insertItem } from './journal-rows.ts';
import { updateLinkRows, type LinkUpdate } from './link-triggers.ts';
import { compareAndSet } from './record-store.ts';
import { reserveEffects } from './reserve-effects.ts';
import { sameFields } from './same-fields.ts';
import { stateDelta } from './state-delta.ts';
import { inIdOrder } from './table.ts';
import type { LinkRow, Tables } from './tables.ts';

/** `commitLinks` in memory. */
export function commitLinks(tables: Tables, input: CommitLinksInput): CommitLinksResult {
	if (input.rows.length === 0) return { applied: new Map(), held: [] };
	const entity = input.entity.name;
	const { links } = tables.of(entity);
	const standing = input.rows.filter((row) => String(links.get(row.linkId)?.stateRev) === row.stateRev);
	const held = holdBeyondCeiling(tables, input, standing);
	const allowed = standing.filter((row) => !held.has(row.linkId));
	const written = compareAndSet(
		tables,
		input.entity,
		allowed.flatMap((row) => (row.pull ? [row.pull] : []))
	);
	const rows = allowed
		.filter((row) => row.pull === null || written.has(row.pull.id))
		.map((row) => (row.pull === null ? row : { ...row, internalVersion: written.get(row.pull.id) ?? null }));
	const updates = rows.map((row): LinkUpdate => {
		const before = links.get(row.linkId);
		if (!before) throw new Error(`no link ${row.linkId}`);
		return { before, set: committed(tables, input, row, before) };
	});
	const applied = updateLinkRows(tables, entity, updates);
	insertJournal(
		tables,
		input,
		rows.map((row, at) => ({ row, linkState: deltaOf(updates[at], applied[at]) }))
	);
	updateSeen(
		tables,
		input,
		rows.filter((row, at) => String(updates[at]?.before.dirtySeq) === row.dirtySeq)
	);
	insertConflicts(tables, { channelId: input.channelId, entity: input.entity, rows });
	countBatch(tables, input, rows);
	saveAwaiting(tables, { channelId: input.channelId, entity }, awaitingOwners(rows), awaitingRows(rows));
	return { applied: new Map(applied.map(({ id, stateRev }) => [id, String(stateRev)])), held: [...held] };
}

function holdBeyondCeiling(tables: Tables, input: CommitLinksInput, rows: readonly LinkCommit[]): ReadonlySet<string> {
	const held = new Set<string>();
	for (const kind of ['deactivations', 'updates'] as const) {
		const wanting = rows.filter((row) => row.effect === kind);
		if (wanting.length === 0) continue;
		const granted = reserveEffects(tables, {
			channelId: input.channelId,
			entity: input.entity.name,
			kind,
			limit: input.limits[kind],
			wanted: wanting.length,
			runId: input.runId
		});
		for (const row of wanting.slice(granted)) held.add(row.linkId);
	}
	return held;
}

function committed(tables: Tables, input: CommitLinksInput, row: LinkCommit, before: LinkRow): Partial<LinkRow> {
	const seen = BigInt(row.dirtySeq);
	const synced = row.outcome !== null && row.status === 'in-sync';
	return {
		cleanSeq: row.clean && seen > before.cleanSeq ? seen : before.cleanSeq,
		status: row.status,
		waiting: row.waiting,
		problem: row.problem,
		tries: row.tries,
		retryAt: row.retryDelayMs > 0 ? tables.nowPlus(row.retryDelayMs) : null,
		baseInternal: { ...before.baseInternal, ...row.bases.internal },
		baseExternal: { ...before.baseExternal, ...row.bases.external },
		unconfirmed: [...row.unconfirmed],
		internalVersion: row.internalVersion ?? before.internalVersion,
		externalVersion: row.externalVersion,
		externalStamp: row.externalStamp,
		stampPassed: row.stampPassed,
		codecFingerprint: row.codecFingerprint,
		pendingWrite: row.pendingWrite,
		stateRev: before.stateRev + 1n,
		claimedBy: row.keepClaim ? input.workerId : null,
		claimedUntil: row.keepClaim ? tables.nowPlus(input.leaseMs) : null,
		syncedAt: synced ? tables.now() : before.syncedAt
	};
}

function updateSeen(tables: Tables, input: CommitLinksInput, rows: readonly LinkCommit[]): void {
	for (const { seen, externalId, variantId } of rows) {
		if (seen === null) continue;
		const known = tables.channelRecord(input.channelId, input.entity.name, externalId, variantId);
		if (!known) continue;
		const fields = { ...known.fields, ...seen.fields };
		const { version, stamp } = seen;
		const same = sameFields(fields, known.fields) && known.version === version && known.stamp === stamp;
		if (same && known.deletedAt === null) continue;
		tables.channelRecords.replace(known, { ...known, fields, version, stamp, deletedAt: null });
	}
}

/** An entry for each decision, and for each link whose state moved without one. */
function insertJournal(
	tables: Tables,
	input: CommitLinksInput,
	entries: readonly { row: LinkCommit; linkState: LinkStateDelta | null }[]
): void {
	for (const { row, linkState } of entries) {
		if (row.journal === null && linkState === null) continue;
		insertDecision(tables, {
			...aboutLink(row),
			channelId: input.channelId,
			entity: input.entity.name,
			runId: input.runId,
			actor: 'engine',
			action: row.journal?.action ?? 'state',
			inputs: row.journal?.inputs ?? {},
			changes: [...(row.journal?.changes ?? [])],
			shadow: unmetOf(tables, input.entity.name, row),
			codecFingerprint: row.codecFingerprint,
			linkState
		});
	}
}

function deltaOf(update: LinkUpdate | undefined, after: LinkRow | undefined): LinkStateDelta | null {
	return update && after ? stateDelta(update.before, after) : null;
}

/** What comparing time stamps alone would have lost and no earlier decision of the link has met. */
function unmetOf(tables: Tables, entity: string, row: LinkCommit): ShadowLoss[] | null {
	if (!row.journal?.shadow) return null;
	const earlier = inIdOrder(tables.decisionsOfRecord(entity, row.internalId))
		.filter(({ linkId }) => linkId === row.linkId)
		.flatMap(({ shadow }) => shadow ?? []);
	const unmet = unmetLosses(row.journal.shadow, earlier);
	return unmet.length > 0 ? unmet : null;
}

function countBatch(tables: Tables, input: CommitLinksInput, rows: readonly LinkCommit[]): void {
	const counts: Record<string, number> = {};
	for (const { outcome } of rows) if (outcome !== null) counts[outcome] = (counts[outcome] ?? 0) + 1;
	if (Object.keys(counts).length === 0) return;
	for (const row of rows) {
		if (row.item === null || row.outcome === null) continue;
		const { action, fields } = row.item;
		const { outcome, problem } = row;
		insertItem(tables, { ...aboutLink(row), runId: input.runId, action, outcome, fields: [...fields], problem });
	}
	insertBatch(tables, input.runId, 'links', counts);
}

function aboutLink({ linkId, internalId, externalId, variantId }: LinkCommit) {
	return { linkId, internalId, externalId, variantId };
}
