import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Value } from '#src/sync/fields.ts';
import { channel } from './channel.ts';
import { id, identity, instant } from './columns.ts';

const channelId = () =>
	id('c_channel_id')
		.notNull()
		.references(() => channel.id);
const at = (name: string) =>
	instant(name)
		.notNull()
		.default(sql`now()`);

export type RunCounts = Readonly<Record<string, number>>;

export const run = pgTable(
	'sync_run',
	{
		id: identity('id'),
		channelId: channelId(),
		entity: text('entity').notNull(),
		/** 'incremental' | 'full' | 'preview' | 'records' | 'apply' | 'hinted' */
		mode: text('mode').notNull(),
		/** 'schedule' or who asked. */
		startedBy: text('started_by').notNull(),
		/** 'queued' | 'running' | 'succeeded' | 'partial' | 'failed' | 'cancelled' | 'held' */
		state: text('state').notNull().default('queued'),
		phase: text('phase'),
		linkIds: jsonb('link_ids').$type<string[]>(),
		/** For 'apply': the preview run whose plan it carries out. */
		planId: id('plan_id'),
		cancelRequested: boolean('cancel_requested').notNull().default(false),
		/** How often a process took it up: who performs an older attempt says and ends nothing any more. */
		attempt: integer('attempt').notNull().default(0),
		heartbeatAt: instant('heartbeat_at'),
		problem: jsonb('problem').$type<{ kind: string; message: string; hint: string }>(),
		/** Sum over the batches, set when the run ends. */
		counts: jsonb('counts').$type<RunCounts>().notNull().default({}),
		queuedAt: at('queued_at'),
		startedAt: instant('started_at'),
		endedAt: instant('ended_at')
	},
	(table) => [
		index('sync_run_channel').on(table.channelId, table.entity, table.id.desc()),
		uniqueIndex('sync_run_running')
			.on(table.channelId, table.entity)
			.where(sql`state = 'running'`),
		index('sync_run_plan')
			.on(table.planId)
			.where(sql`plan_id is not null`)
	]
);

/** A slice of a run, committed as a whole. */
export const batch = pgTable(
	'sync_batch',
	{
		id: identity('id'),
		runId: id('run_id')
			.notNull()
			.references(() => run.id, { onDelete: 'cascade' }),
		phase: text('phase').notNull(),
		counts: jsonb('counts').$type<RunCounts>().notNull(),
		at: at('at')
	},
	(table) => [index('sync_batch_run').on(table.runId, table.id)]
);

/** What a preview would write to one record, and what must still be so when it is applied. */
export type ItemPlan = {
	changes: PlannedChange[];
	/** Revision of our record, null where it was gone. */
	internalRev: string | null;
	/** Version of the channel's record, null where it has none or was gone. */
	externalVersion: string | null;
};

/** One value that would move: on `side`, from `before` to `after`; 'ask' = a person would be asked which of the two holds. */
export type PlannedChange = { field: string; side: 'internal' | 'external' | 'ask'; before: Value; after: Value };

/** One record of a run that was not a no-op. */
export const item = pgTable(
	'sync_item',
	{
		id: identity('id'),
		runId: id('run_id')
			.notNull()
			.references(() => run.id, { onDelete: 'cascade' }),
		linkId: id('link_id'),
		internalId: id('internal_id'),
		externalId: text('external_id'),
		variantId: text('external_variant_id').notNull().default(''),
		action: text('action').notNull(),
		outcome: text('outcome').notNull(),
		/** Changed fields. */
		fields: text('fields')
			.array()
			.notNull()
			.default(sql`'{}'`),
		problem: jsonb('problem').$type<{ kind: string; message: string; hint: string; field?: string }>(),
		/** For a preview: what would be written and what it was worked out from. */
		plan: jsonb('plan').$type<ItemPlan>(),
		/** A person took it out of the plan. */
		leftOut: boolean('left_out').notNull().default(false),
		at: at('at')
	},
	(table) => [
		index('sync_item_run').on(table.runId, table.outcome, table.id),
		index('sync_item_link').on(table.linkId, table.runId)
	]
);

/** Automatic effects by hour, for the ceilings. */
export const ceiling = pgTable(
	'sync_ceiling',
	{
		channelId: channelId(),
		entity: text('entity').notNull(),
		/** 'creates' | 'deactivations' | 'updates' | 'absences' */
		kind: text('kind').notNull(),
		hour: instant('hour').notNull(),
		used: integer('used').notNull(),
		/** Added to the limit by a person's approval. */
		granted: integer('granted').notNull().default(0)
	},
	(table) => [primaryKey({ columns: [table.channelId, table.entity, table.kind, table.hour] })]
);

/** Effects beyond a ceiling, waiting for a person. */
export const hold = pgTable(
	'sync_hold',
	{
		id: identity('id'),
		channelId: channelId(),
		entity: text('entity').notNull(),
		/** As of the ceiling, or 'absences': records that a listing left out. */
		kind: text('kind').notNull(),
		runId: id('run_id'),
		/** How many effects wait. */
		waiting: integer('waiting').notNull(),
		limit: integer('limit').notNull(),
		/** 'open' | 'approved' | 'discarded' | 'gone' (of absences: a later listing was whole) */
		state: text('state').notNull().default('open'),
		decidedBy: text('decided_by'),
		decidedAt: instant('decided_at'),
		createdAt: at('created_at')
	},
	(table) => [
		uniqueIndex('sync_hold_open')
			.on(table.channelId, table.entity, table.kind)
			.where(sql`state = 'open'`)
	]
);
