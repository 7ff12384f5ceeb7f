import { sql } from 'drizzle-orm';
import { bigserial, boolean, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Fields, Value } from '#src/sync/fields.ts';
import { id, identity, instant } from './columns.ts';
import { channel } from './channel.ts';

const channelId = () =>
	id('c_channel_id')
		.notNull()
		.references(() => channel.id);
const at = (name: string) => instant(name).notNull().default(sql`now()`);

/** Hints that internal records changed; consumed by deleting the ids read. */
export const outbox = pgTable('sync_outbox', {
	id: bigserial('id', { mode: 'bigint' }).primaryKey(),
	entity: text('entity').notNull(),
	recordId: id('record_id').notNull(),
	rev: id('rev').notNull(),
	/** 'upsert' | 'delete' */
	operation: text('operation').notNull()
});

/** What scans saw of a channel, linked or not. */
export const channelRecord = pgTable(
	'c_channel_record',
	{
		channelId: channelId(),
		entity: text('entity').notNull(),
		externalId: text('external_id').notNull(),
		variantId: text('external_variant_id').notNull().default(''),
		fields: jsonb('fields').$type<Fields>().notNull(),
		version: text('version'),
		stamp: text('stamp'),
		reference: text('reference'),
		url: text('url'),
		/** `field=code` of every match key, for look-ups. */
		matchKeys: text('match_keys').array().notNull().default(sql`'{}'`),
		seenAt: at('seen_at'),
		deletedAt: instant('deleted_at')
	},
	(table) => [
		primaryKey({ columns: [table.channelId, table.entity, table.externalId, table.variantId] }),
		index('c_channel_record_match_keys').using('gin', table.matchKeys),
		index('c_channel_record_search').using('gin', sql`(cm_external_text(external_id, fields)) gin_trgm_ops`),
		index('c_channel_record_reference').on(table.channelId, table.entity, table.reference).where(sql`reference is not null`)
	]
);

/** Records to be considered for matching and creation; a row is deleted once considered. */
export const candidate = pgTable(
	'sync_candidate',
	{
		channelId: channelId(),
		entity: text('entity').notNull(),
		/** 'internal' | 'external' */
		side: text('side').notNull(),
		recordId: text('record_id').notNull(),
		variantId: text('external_variant_id').notNull().default('')
	},
	(table) => [primaryKey({ columns: [table.channelId, table.entity, table.side, table.recordId, table.variantId] })]
);

export type Evidence = { field: string; kind: 'equal' | 'respelled'; internal: string; external: string };

export const suggestion = pgTable(
	'c_channel_suggestion',
	{
		id: identity('id'),
		channelId: channelId(),
		entity: text('entity').notNull(),
		internalId: id('internal_id').notNull(),
		externalId: text('external_id').notNull(),
		variantId: text('external_variant_id').notNull().default(''),
		/** 0 to 100. */
		score: integer('score').notNull(),
		evidence: jsonb('evidence').$type<Evidence[]>().notNull(),
		/** Another suggestion names one of the two records as well. */
		ambiguous: boolean('ambiguous').notNull().default(false),
		createdAt: at('created_at')
	},
	(table) => [
		uniqueIndex('c_channel_suggestion_pair').on(
			table.channelId,
			table.entity,
			table.internalId,
			table.externalId,
			table.variantId
		),
		index('c_channel_suggestion_external').on(table.channelId, table.entity, table.externalId, table.variantId),
		index('c_channel_suggestion_order').on(table.channelId, table.entity, table.score.desc(), table.id)
	]
);

/** kind 'pair': never link these two. kind 'record': one of the two ids is set, that record takes no part. */
export const exclusion = pgTable(
	'c_channel_exclusion',
	{
		id: identity('id'),
		channelId: channelId(),
		entity: text('entity').notNull(),
		kind: text('kind').notNull(),
		internalId: id('internal_id'),
		externalId: text('external_id'),
		variantId: text('external_variant_id').notNull().default(''),
		reason: text('reason').notNull().default(''),
		createdBy: text('created_by').notNull(),
		createdAt: at('created_at')
	},
	(table) => [
		index('c_channel_exclusion_internal').on(table.channelId, table.entity, table.internalId),
		index('c_channel_exclusion_external').on(table.channelId, table.entity, table.externalId, table.variantId)
	]
);

/** A create that is about to be, or was, sent. Immutable but for its progress. */
export const intent = pgTable(
	'sync_intent',
	{
		id: identity('id'),
		channelId: channelId(),
		entity: text('entity').notNull(),
		internalId: id('internal_id').notNull(),
		reference: text('reference').notNull(),
		fields: jsonb('fields').$type<Fields>().notNull(),
		internalRev: text('internal_rev').notNull(),
		/** 'open' | 'problem'; a bound intent is deleted. */
		state: text('state').notNull().default('open'),
		tries: integer('tries').notNull().default(0),
		/** When the create was last allowed to leave; null = never. */
		sentAt: instant('sent_at'),
		retryAt: instant('retry_at'),
		claimedBy: text('claimed_by'),
		claimedUntil: instant('claimed_until'),
		problem: jsonb('problem').$type<{ kind: string; message: string; hint: string }>(),
		createdAt: at('created_at')
	},
	(table) => [uniqueIndex('sync_intent_record').on(table.channelId, table.entity, table.internalId)]
);

/** One field on which both sides changed, open or settled. */
export const conflict = pgTable(
	'sync_conflict',
	{
		id: identity('id'),
		channelId: channelId(),
		entity: text('entity').notNull(),
		linkId: id('link_id').notNull(),
		internalId: id('internal_id').notNull(),
		externalId: text('external_id').notNull(),
		variantId: text('external_variant_id').notNull().default(''),
		field: text('field').notNull(),
		base: jsonb('base').$type<Value>(),
		internal: jsonb('internal').$type<Value>(),
		external: jsonb('external').$type<Value>(),
		internalRev: text('internal_rev').notNull(),
		externalVersion: text('external_version'),
		/** 'open' | 'settled' (by a rule) | 'resolved' (by a person) | 'gone' (the sides agree again, or the link ended) */
		state: text('state').notNull(),
		/** The rule that settled it, or why nobody could. */
		rule: text('rule').notNull(),
		/** 'internal' | 'external'; null while open. */
		winner: text('winner'),
		/** A person took the other value afterwards. */
		reversedBy: text('reversed_by'),
		decidedBy: text('decided_by'),
		decidedAt: instant('decided_at'),
		createdAt: at('created_at')
	},
	(table) => [
		uniqueIndex('sync_conflict_open').on(table.entity, table.linkId, table.field).where(sql`state = 'open'`),
		index('sync_conflict_state').on(table.state, table.id.desc()),
		index('sync_conflict_link').on(table.entity, table.linkId, table.id.desc())
	]
);

/** The journal: every write and every choice, with all inputs of the decision. Append-only. */
export const decision = pgTable(
	'sync_decision',
	{
		id: identity('id'),
		at: at('at'),
		/** Null where a person edited or created a record of ours. */
		channelId: id('c_channel_id'),
		entity: text('entity').notNull(),
		linkId: id('link_id'),
		internalId: id('internal_id'),
		externalId: text('external_id'),
		variantId: text('external_variant_id').notNull().default(''),
		runId: id('run_id'),
		/** 'engine' or the e-mail address of a person. */
		actor: text('actor').notNull(),
		/** 'link' | 'unlink' | 'pull' | 'push' | 'merge' | 'conflict' | 'agree' | 'create-internal' | 'create-external' | 'adopt' | 'orphan' | 'resolve' | 'quarantine' | ... */
		action: text('action').notNull(),
		/** base, internal, external, stamps, pending write, policy: what the decision saw. */
		inputs: jsonb('inputs').$type<Record<string, unknown>>().notNull().default({}),
		/** By field: { from, to, side, rule }. */
		changes: jsonb('changes').$type<DecisionChange[]>().notNull().default([]),
		codecFingerprint: text('codec_fingerprint')
	},
	(table) => [
		index('sync_decision_link').on(table.entity, table.linkId, table.id.desc()),
		index('sync_decision_record').on(table.entity, table.internalId, table.id.desc())
	]
);

/** One value that moved: on `side`, from `before` to `after`, because of `rule`. */
export type DecisionChange = {
	field: string;
	side: 'internal' | 'external';
	before: Value;
	after: Value;
	rule: string;
	/** The value that lost, where two competed. */
	lost?: Value;
};

export type RunCounts = Readonly<Record<string, number>>;

export const run = pgTable(
	'sync_run',
	{
		id: identity('id'),
		channelId: channelId(),
		entity: text('entity').notNull(),
		/** 'incremental' | 'full' | 'preview' | 'records' */
		mode: text('mode').notNull(),
		/** 'schedule' or who asked. */
		startedBy: text('started_by').notNull(),
		/** 'queued' | 'running' | 'succeeded' | 'partial' | 'failed' | 'cancelled' | 'held' */
		state: text('state').notNull().default('queued'),
		phase: text('phase'),
		linkIds: jsonb('link_ids').$type<string[]>(),
		cancelRequested: boolean('cancel_requested').notNull().default(false),
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
		uniqueIndex('sync_run_running').on(table.channelId, table.entity).where(sql`state = 'running'`)
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
		fields: text('fields').array().notNull().default(sql`'{}'`),
		problem: jsonb('problem').$type<{ kind: string; message: string; hint: string; field?: string }>(),
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
		/** 'creates' | 'deactivations' | 'updates' */
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
		kind: text('kind').notNull(),
		runId: id('run_id'),
		/** How many effects wait. */
		waiting: integer('waiting').notNull(),
		limit: integer('limit').notNull(),
		/** 'open' | 'approved' | 'discarded' */
		state: text('state').notNull().default('open'),
		decidedBy: text('decided_by'),
		decidedAt: instant('decided_at'),
		createdAt: at('created_at')
	},
	(table) => [uniqueIndex('sync_hold_open').on(table.channelId, table.entity, table.kind).where(sql`state = 'open'`)]
);

/** Ended links with everything needed to bring them back. */
export const linkHistory = pgTable(
	'link_history',
	{
		id: identity('id'),
		entity: text('entity').notNull(),
		linkId: id('link_id').notNull(),
		channelId: channelId(),
		internalId: id('internal_id').notNull(),
		externalId: text('external_id').notNull(),
		variantId: text('external_variant_id').notNull(),
		row: jsonb('row').$type<Record<string, unknown>>().notNull(),
		endedBy: text('ended_by').notNull(),
		reason: text('reason').notNull().default(''),
		endedAt: at('ended_at'),
		undoneAt: instant('undone_at')
	},
	(table) => [index('link_history_record').on(table.entity, table.internalId, table.id.desc())]
);

/** Links by status as appended differences; the sum is the count. */
export const linkCount = pgTable(
	'sync_link_count',
	{
		id: bigserial('id', { mode: 'bigint' }).primaryKey(),
		channelId: id('c_channel_id').notNull(),
		entity: text('entity').notNull(),
		status: text('status').notNull(),
		links: integer('links').notNull()
	},
	(table) => [index('sync_link_count_channel').on(table.channelId, table.entity, table.status)]
);

export const auditEvent = pgTable(
	'audit_event',
	{
		id: identity('id'),
		at: at('at'),
		actor: text('actor').notNull(),
		/** 'web' | 'api' | 'engine' | 'command' */
		via: text('via').notNull(),
		action: text('action').notNull(),
		object: text('object').notNull(),
		channelId: id('c_channel_id'),
		detail: jsonb('detail').$type<Record<string, unknown>>().notNull().default({})
	},
	(table) => [index('audit_event_at').on(table.id.desc())]
);

/** The one installation that may write: a restored copy differs and starts paused. */
export const installation = pgTable('sync_installation', {
	id: integer('id').primaryKey().default(1),
	/** Short random key that our references carry. */
	key: text('key').notNull(),
	systemIdentifier: text('system_identifier').notNull(),
	databaseName: text('database_name').notNull(),
	origin: text('origin').notNull()
});
