import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { channel } from './channel.ts';
import { id, identity, instant } from './columns.ts';

/** Which links a bulk job is about: ids, or what a filter matches up to a watermark, but for those left out. */
export type BulkSelection =
	| { linkIds: readonly string[] }
	| {
			/** One status; null = all. */
			status: string | null;
			/** As in the list's search box; '' = none. */
			q: string;
			/** Only links whose problem is of this kind; absent = all. */
			cause?: string | undefined;
			/** Only links of this pasted list; absent = all. */
			listId?: string | undefined;
			/** Links made later take no part. */
			uptoId: string;
			exceptIds: readonly string[];
	  };

/** One thing done to many links. The row holds the truth; the queue only carries its id. */
export const bulkJob = pgTable(
	'sync_bulk_job',
	{
		id: identity('id'),
		channelId: id('c_channel_id')
			.notNull()
			.references(() => channel.id),
		entity: text('entity').notNull(),
		/** 'unlink' | 'retry' | 'push' | 'pull' | 'undo-unlink' | 'accept' | 'undo-accept' */
		kind: text('kind').notNull(),
		selection: jsonb('selection').$type<BulkSelection>(),
		/** For an undo: the job that is taken back. */
		undoesId: id('undoes_id'),
		reason: text('reason').notNull().default(''),
		startedBy: text('started_by').notNull(),
		via: text('via').notNull(),
		/** 'queued' | 'running' | 'succeeded' | 'partial' | 'failed' | 'cancelled' */
		state: text('state').notNull().default('queued'),
		/** Links that the person was told of. */
		expected: integer('expected').notNull(),
		/** The last link (for an undo: the last archived link) that was worked on. */
		cursorId: id('cursor_id').notNull().default('0'),
		/** Links by what became of them: `done`, and each cause for which one was left as it was. */
		counts: jsonb('counts').$type<Readonly<Record<string, number>>>().notNull().default({}),
		cancelRequested: boolean('cancel_requested').notNull().default(false),
		problem: jsonb('problem').$type<{ kind: string; message: string; hint: string }>(),
		queuedAt: instant('queued_at')
			.notNull()
			.default(sql`now()`),
		startedAt: instant('started_at'),
		/** When its last batch was committed. */
		heartbeatAt: instant('heartbeat_at'),
		endedAt: instant('ended_at')
	},
	(table) => [
		index('sync_bulk_job_active')
			.on(table.id)
			.where(sql`state in ('queued', 'running')`),
		index('sync_bulk_job_undoes')
			.on(table.undoesId)
			.where(sql`undoes_id is not null`)
	]
);

/** One link that a bulk job left as it was, and why. */
export const bulkItem = pgTable(
	'sync_bulk_item',
	{
		id: identity('id'),
		jobId: id('job_id')
			.notNull()
			.references(() => bulkJob.id, { onDelete: 'cascade' }),
		linkId: id('link_id').notNull(),
		internalId: id('internal_id').notNull(),
		externalId: text('external_id').notNull(),
		variantId: text('external_variant_id').notNull().default(''),
		cause: text('cause').notNull()
	},
	(table) => [index('sync_bulk_item_job').on(table.jobId, table.cause, table.id)]
);
