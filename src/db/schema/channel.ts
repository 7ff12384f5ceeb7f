import { sql } from 'drizzle-orm';
import { boolean, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { id, identity, instant } from './columns.ts';
import type { ChannelEntityPolicy, Schedule } from '#src/sync/policy.ts';

/** One configured external system. */
export const channel = pgTable('c_channel', {
	id: identity('id'),
	name: text('name').notNull().unique(),
	connector: text('connector').notNull(),
	settings: jsonb('settings').$type<Record<string, unknown>>().notNull().default({}),
	/** Sealed values by field name; only the engine opens them. */
	credentials: jsonb('credentials').$type<Record<string, string>>().notNull().default({}),
	/** When and by whom each credential was last replaced, for the screen. */
	credentialsChanged: jsonb('credentials_changed')
		.$type<Record<string, { at: string; by: string }>>()
		.notNull()
		.default({}),
	pausedAt: instant('paused_at'),
	/** 'person' | 'copy' | 'deleted'; null while not paused. */
	pausedReason: text('paused_reason'),
	/** Last systemic failure (unauthorized, unreachable, misconfigured, rate-limited), null when the last run reached the channel. */
	problem: jsonb('problem').$type<{ kind: string; message: string; hint: string; at: string }>(),
	/** When a connection test last passed. */
	testedAt: instant('tested_at'),
	/** Set-up is over: finished, or its checklist put away. */
	setUpAt: instant('set_up_at'),
	/** A deleted channel keeps its row for the journal; it has no entities, links or credentials any more. */
	deletedAt: instant('deleted_at'),
	createdAt: instant('created_at')
		.notNull()
		.default(sql`now()`),
	updatedAt: instant('updated_at')
		.notNull()
		.default(sql`now()`)
});

/** What a channel does for one entity: policy, arming, schedule and scan state. */
export const channelEntity = pgTable(
	'c_channel_entity',
	{
		channelId: id('c_channel_id')
			.notNull()
			.references(() => channel.id),
		entity: text('entity').notNull(),
		/** Writing to the channel is armed; otherwise this direction is `watching`. */
		pushLive: boolean('push_live').notNull().default(false),
		/** Writing to our records is armed; otherwise this direction is `watching`. */
		pullLive: boolean('pull_live').notNull().default(false),
		autoCreateExternal: boolean('auto_create_external').notNull().default(false),
		autoCreateInternal: boolean('auto_create_internal').notNull().default(false),
		allowSecondary: boolean('allow_secondary').notNull().default(false),
		policy: jsonb('policy').$type<ChannelEntityPolicy>().notNull(),
		schedule: jsonb('schedule').$type<Schedule>().notNull(),
		/** Where the next incremental scan starts (ISO UTC); null = a full scan comes first. */
		cursor: text('cursor'),
		/** When the last complete scan of the channel started. */
		sweptAt: instant('swept_at'),
		/** Runs that failed in a row, for back-off. */
		failures: integer('failures').notNull().default(0),
		/** Codec fingerprint of the last run; a change sends links back to first contact. */
		fingerprint: text('fingerprint'),
		settingsRev: integer('settings_rev').notNull().default(1)
	},
	(table) => [primaryKey({ columns: [table.channelId, table.entity] })]
);
