import { z } from 'zod';
import type { Db } from '#src/db/client.ts';
import type { BulkSelection } from '#src/db/schema/bulk.ts';
import { atOnceAtMost, type BulkKind, type BulkState, type StartedKind } from '#src/store/bulk/bulk-job.ts';
import * as cancel from '#src/store/bulk/cancel-bulk-job.ts';
import { performBulkBatch } from '#src/store/bulk/perform-bulk-batch.ts';
import * as store from '#src/store/bulk/start-bulk-job.ts';
import type { Person } from '#src/store/person.ts';
import { refusal, type Refusal } from '#src/store/refusal.ts';
import { linkStatuses } from '#src/sync/outcome.ts';
import { bulkRight, mayDoInBulk } from './bulk-rights.ts';
import { entityName, guarded, id, ids, reason, text, type Acting } from './guarded.ts';

const selection = z.union([
	z.object({ linkIds: ids }),
	z.object({
		status: z.enum(linkStatuses).nullable(),
		q: text(200),
		cause: text(80).optional(),
		listId: id.optional(),
		uptoId: id,
		exceptIds: z.array(id).max(10_000, 'at most 10,000')
	})
]);
const expected = z.number().int('must be a number').min(1, 'must be a number').max(100_000_000);
const rules = { channelId: id, entity: entityName, selection, expected, reason: reason.optional() };

export type BulkStart = {
	channelId: string;
	entity: string;
	kind: StartedKind;
	selection: BulkSelection;
	/** Links that the person was shown. */
	expected: number;
	/** What the person typed where the count has to be typed. */
	typed?: string;
	reason?: string;
};

/** `over`: it was small and is done; else the engine does it. */
export type BulkStarted = { ok: true; jobId: string; over: boolean; state: BulkState | null } | Refusal;

/** Whether the count has to be typed before this is done. */
export function mustBeTyped(kind: BulkKind, links: number): boolean {
	return kind === 'unlink' && links > atOnceAtMost;
}

/** Has something done to many links: up to 200 at once, more by the engine. */
export async function startBulkJob(db: Db, input: BulkStart & Acting & Person): Promise<BulkStarted> {
	const { kind, typed } = input;
	if (mustBeTyped(kind, input.expected) && typed?.replaceAll(/[\s.,’']/g, '') !== String(input.expected)) {
		const hint = `Type ${input.expected} to end that many links.`;
		return refusal('invalid', 'The number does not match.', hint, { field: 'typed' });
	}
	const start = guarded<store.StartBulkJobInput, store.StartBulkJobResult>(bulkRight(kind), rules, store.startBulkJob);
	return atOnce(db, await start(db, input));
}

const undo = guarded<store.StartUndoJobInput, store.StartBulkJobResult>('link', { jobId: id }, store.startUndoJob);

/** Takes back what a bulk job ended, or linked: up to 200 at once, more by the engine. */
export async function undoBulkJob(db: Db, input: { jobId: string } & Acting & Person): Promise<BulkStarted> {
	return atOnce(db, await undo(db, input));
}

/** Stops a bulk job after its present slice. */
export const cancelBulkJob = guarded('run', { jobId: id }, cancel.cancelBulkJob);

async function atOnce(db: Db, started: store.StartBulkJobResult): Promise<BulkStarted> {
	if (!started.ok) return started;
	const { jobId, expected } = started;
	if (expected > atOnceAtMost) return { ok: true, jobId, over: false, state: null };
	for (;;) {
		const { over, state } = await performBulkBatch(db, { jobId, limit: atOnceAtMost, may: mayDoInBulk });
		if (over) return { ok: true, jobId, over, state };
	}
}
