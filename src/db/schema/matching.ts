import { sql } from 'drizzle-orm';
import { bigserial, boolean, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Fields } from '#src/sync/fields.ts';
import type { MatchEvidence } from '#src/sync/match-evidence.ts';
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
		matchKeys: text('match_keys')
			.array()
			.notNull()
			.default(sql`'{}'`),
		seenAt: at('seen_at'),
		deletedAt: instant('deleted_at')
	},
	(table) => [
		primaryKey({ columns: [table.channelId, table.entity, table.externalId, table.variantId] }),
		// Looked up key by key, a thousand at a time: each would read a list of what is not sorted in yet.
		index('c_channel_record_match_keys').using('gin', table.matchKeys).with({ fastupdate: false }),
		index('c_channel_record_search').using('gin', sql`(cm_external_text(external_id, fields)) gin_trgm_ops`),
		index('c_channel_record_reference')
			.on(table.channelId, table.entity, table.reference)
			.where(sql`reference is not null`)
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

export const suggestion = pgTable(
	'c_channel_suggestion',
	{
		id: identity('id'),
		// No foreign key: a check for each of a million rows is a fifth of writing them. Channels keep their rows when they are deleted.
		channelId: id('c_channel_id').notNull(),
		entity: text('entity').notNull(),
		internalId: id('internal_id').notNull(),
		externalId: text('external_id').notNull(),
		variantId: text('external_variant_id').notNull().default(''),
		/** 0 to 100. */
		score: integer('score').notNull(),
		evidence: jsonb('evidence').$type<MatchEvidence[]>().notNull(),
		/** Another suggestion names one of the two records as well. */
		ambiguous: boolean('ambiguous').notNull().default(false),
		/** The one to look at first of its two records: no record is in two of these. */
		best: boolean('best').notNull().default(true),
		createdAt: at('created_at')
	},
	(table) => [
		// The record first: among indexes that begin alike, a planner without statistics takes any.
		uniqueIndex('c_channel_suggestion_pair').on(
			table.externalId,
			table.variantId,
			table.internalId,
			table.channelId,
			table.entity
		),
		index('c_channel_suggestion_internal').on(table.internalId, table.channelId, table.entity),
		index('c_channel_suggestion_order').on(table.channelId, table.entity, table.score.desc(), table.id),
		index('c_channel_suggestion_exact')
			.on(table.channelId, table.entity, table.id)
			.where(sql`score = 100 and not ambiguous`)
	]
);

/** Suggestions that wait, as appended differences; the sum is the count. Triggers keep it. */
export const suggestionCount = pgTable(
	'sync_suggestion_count',
	{
		id: bigserial('id', { mode: 'bigint' }).primaryKey(),
		channelId: id('c_channel_id').notNull(),
		entity: text('entity').notNull(),
		suggestions: integer('suggestions').notNull()
	},
	(table) => [index('sync_suggestion_count_channel').on(table.channelId, table.entity)]
);

/** kind 'pair': never link these two. kind 'record': one of the two ids is set, that record takes no part. */
export const exclusion = pgTable(
	'c_channel_exclusion',
	{
		id: identity('id'),
		// No foreign key, as above: a bulk job writes hundreds of thousands of them.
		channelId: id('c_channel_id').notNull(),
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
		// Each without rows that lack its record: among indexes that begin alike, a planner without statistics takes any, and a look-up of
		// one record then reads all that its channel set aside.
		index('c_channel_exclusion_internal')
			.on(table.channelId, table.entity, table.internalId)
			.where(sql`internal_id is not null`),
		index('c_channel_exclusion_external')
			.on(table.channelId, table.entity, table.externalId, table.variantId)
			.where(sql`external_id is not null`)
	]
);
