import { sql } from 'drizzle-orm';
import { bigserial, index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { PendingWrite } from '#src/sync/decide.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import type { LinkStatus } from '#src/sync/outcome.ts';
import type { ShadowLoss } from '#src/sync/shadow.ts';
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
		uniqueIndex('sync_conflict_open')
			.on(table.entity, table.linkId, table.field)
			.where(sql`state = 'open'`),
		index('sync_conflict_state').on(table.state, table.id.desc()),
		index('sync_conflict_field')
			.on(table.channelId, table.entity, table.field, table.id)
			.where(sql`state = 'open'`),
		index('sync_conflict_link').on(table.entity, table.linkId, table.id.desc())
	]
);

/** Open conflicts by what they are about, as appended differences; the sum is the count. Triggers keep it. */
export const conflictCount = pgTable(
	'sync_conflict_count',
	{
		id: bigserial('id', { mode: 'bigint' }).primaryKey(),
		channelId: id('c_channel_id').notNull(),
		entity: text('entity').notNull(),
		field: text('field').notNull(),
		rule: text('rule').notNull(),
		conflicts: integer('conflicts').notNull()
	},
	(table) => [index('sync_conflict_count_channel').on(table.channelId, table.entity)]
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
		/** 'engine', 'database' (what a trigger did when a record of ours was deleted) or the e-mail address of a person. */
		actor: text('actor').notNull(),
		/** 'link' | 'unlink' | 'pull' | 'push' | 'merge' | 'conflict' | 'agree' | 'create-internal' | 'create-external' | 'adopt' | 'orphan' | 'resolve' | 'quarantine' | 'state' (no decision: what an answer or a failure made of the link) | 'snapshot' | ... */
		action: text('action').notNull(),
		/** base, internal, external, stamps, pending write, policy: what the decision saw. */
		inputs: jsonb('inputs').$type<Record<string, unknown>>().notNull().default({}),
		/** By field: { from, to, side, rule }. */
		changes: jsonb('changes').$type<DecisionChange[]>().notNull().default([]),
		codecFingerprint: text('codec_fingerprint'),
		/** What comparing time stamps alone would have lost here; null where nothing. */
		shadow: jsonb('shadow').$type<ShadowLoss[]>(),
		/** What the entry's transaction made of the link's row; null where it left that alone. */
		linkState: jsonb('link_state').$type<LinkStateDelta>()
	},
	(table) => [
		index('sync_decision_shadow')
			.on(table.channelId, table.id)
			.where(sql`shadow is not null`),
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
	/** The value table that the channel's own values are in. */
	table?: string;
};

/**
 * Columns of a link's row that moved, by SQL name, as they are from then on; of the two bases only the fields that moved.
 * `began`: a link is there from here on, its other columns have their defaults. `ended`: it is no more. Empty: only the
 * records that the entry names are new to it. Played in id order these give the link tables, but for counters, claims,
 * times and what was last seen of either side.
 */
export type LinkStateDelta = {
	began?: true;
	ended?: true;
	is_primary?: boolean;
	status?: LinkStatus;
	waiting?: string | null;
	problem?: { kind: string; message: string; hint: string; field?: string } | null;
	base_internal?: Fields | null;
	base_external?: Fields | null;
	unconfirmed?: readonly string[];
	codec_fingerprint?: string | null;
	pending_write?: PendingWrite | null;
};

/** Ended links with everything needed to bring them back. */
export const linkHistory = pgTable(
	'link_history',
	{
		id: identity('id'),
		entity: text('entity').notNull(),
		linkId: id('link_id').notNull(),
		// No foreign key: see c_channel_suggestion.
		channelId: id('c_channel_id').notNull(),
		internalId: id('internal_id').notNull(),
		externalId: text('external_id').notNull(),
		variantId: text('external_variant_id').notNull(),
		row: jsonb('row').$type<Record<string, unknown>>().notNull(),
		endedBy: text('ended_by').notNull(),
		reason: text('reason').notNull().default(''),
		endedAt: at('ended_at'),
		undoneAt: instant('undone_at'),
		/** The bulk job that ended it. */
		bulkJobId: id('bulk_job_id')
	},
	(table) => [
		index('link_history_record').on(table.entity, table.internalId, table.id.desc()),
		index('link_history_bulk_job')
			.on(table.bulkJobId, table.id)
			.where(sql`bulk_job_id is not null`)
	]
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
