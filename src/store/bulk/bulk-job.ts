import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { BulkSelection } from '#src/db/schema/bulk.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityIn } from '../custom-fields.ts';
import type { Person, Via } from '../person.ts';

/** `accept`: suggestions that were accepted together; done by `acceptExact`, and only kept here to be taken back. */
export type BulkKind = 'unlink' | 'retry' | 'push' | 'pull' | 'undo-unlink' | 'accept' | 'undo-accept';
/** Kinds that a person starts for links of their choice. */
export type StartedKind = 'unlink' | 'retry' | 'push' | 'pull';
export type BulkState = 'queued' | 'running' | 'succeeded' | 'partial' | 'failed' | 'cancelled';

/** Up to so many links are worked on while the person waits; what is wider is the engine's, and typed where it ends links. */
export const atOnceAtMost = 200;
/** An unlink or accept in bulk can be taken back for so long. */
export const undoableDays = 30;

/** A bulk job that is being worked on, its row locked. */
export type BulkJob = {
	id: string;
	channelId: string;
	entity: Entity;
	kind: BulkKind;
	selection: BulkSelection;
	undoesId: string | null;
	reason: string;
	person: Person;
	state: 'queued' | 'running';
	expected: number;
	cursorId: string;
	done: number;
	cancelRequested: boolean;
	/** Links that probably come next, in id order. */
	ahead: string[];
};

/** A link that was left as it was, and the word for why. */
export type LeftLink = { linkId: string; internalId: string; externalId: string; variantId: string; cause: string };

/** One slice of a job: null where nothing was left to do. */
export type BatchResult = { lastId: string; done: number; left: readonly LeftLink[] } | null;

type JobRow = Omit<BulkJob, 'entity' | 'person' | 'selection' | 'ahead'> & {
	entity: string;
	selection: BulkSelection | null;
	startedBy: string;
	via: Via;
};

/** The job with its row locked; null where it is over, unknown or of an entity that is none any more. */
export async function lockBulkJob(tx: Transaction, jobId: string, ahead: readonly string[]): Promise<BulkJob | null> {
	const [row] = await tx.execute<JobRow>(sql`
		select id::text as id, c_channel_id::text as "channelId", entity, kind, selection, undoes_id::text as "undoesId", reason,
			started_by as "startedBy", via, state, expected, cursor_id::text as "cursorId", coalesce((counts ->> 'done')::int, 0) as done,
			cancel_requested as "cancelRequested"
		from sync_bulk_job where id = ${jobId}::bigint and state in ('queued', 'running') for update`);
	const entity = await entityIn(tx, row?.entity ?? '');
	if (!row || !entity) return null;
	const { startedBy, via, selection, ...job } = row;
	const person = { actor: { name: startedBy }, via };
	return { ...job, entity, selection: selection ?? { linkIds: [] }, person, ahead: [...ahead] };
}

/** Ids as a PostgreSQL array literal. */
export function idList(ids: readonly string[]): string {
	return `{${ids.join(',')}}`;
}
