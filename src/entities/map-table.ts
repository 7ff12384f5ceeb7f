import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { channel } from '#src/db/schema/channel.ts';
import { id, identity, instant } from '#src/db/schema/columns.ts';
import type { LinkStatus } from '#src/sync/outcome.ts';
import type { PendingWrite } from '#src/sync/decide.ts';
import type { Fields } from '#src/sync/fields.ts';

export type MapNames = { table: string; internalColumn: string; externalColumn: string };

/** Why a link needs attention, in words for the operator. */
export type LinkProblem = { kind: string; message: string; hint: string; field?: string };

/** The link table of one entity. Only true links live here; the state of their sync is beside them. */
export function mapTable(names: MapNames) {
	return pgTable(
		names.table,
		{
			id: identity('id'),
			channelId: id('c_channel_id')
				.notNull()
				.references(() => channel.id),
			internalId: id(names.internalColumn).notNull(),
			externalId: text(names.externalColumn).notNull(),
			variantId: text('external_variant_id').notNull().default(''),
			isPrimary: boolean('is_primary').notNull().default(true),
			createdAt: instant('created_at')
				.notNull()
				.default(sql`now()`),
			/** Moves only when the link itself changes. */
			updatedAt: instant('updated_at')
				.notNull()
				.default(sql`now()`),
			status: text('status').$type<LinkStatus>().notNull().default('pending'),
			baseInternal: jsonb('base_internal').$type<Fields>(),
			baseExternal: jsonb('base_external').$type<Fields>(),
			/** Fields of base_external that no read has confirmed yet. */
			unconfirmed: text('unconfirmed')
				.array()
				.notNull()
				.default(sql`'{}'`),
			internalVersion: text('internal_version'),
			externalVersion: text('external_version'),
			externalStamp: text('external_stamp'),
			/** Our own last write moved the channel's stamp past `external_stamp`, to one that was not seen yet. */
			stampPassed: boolean('stamp_passed').notNull().default(false),
			codecFingerprint: text('codec_fingerprint'),
			pendingWrite: jsonb('pending_write').$type<PendingWrite>(),
			dirtySeq: bigint('dirty_seq', { mode: 'bigint' })
				.notNull()
				.default(sql`1`),
			cleanSeq: bigint('clean_seq', { mode: 'bigint' })
				.notNull()
				.default(sql`0`),
			stateRev: bigint('state_rev', { mode: 'bigint' })
				.notNull()
				.default(sql`1`),
			problem: jsonb('problem').$type<LinkProblem>(),
			tries: integer('tries').notNull().default(0),
			retryAt: instant('retry_at'),
			claimedBy: text('claimed_by'),
			claimedUntil: instant('claimed_until'),
			/** What would be done if its direction were live: 'push' | 'pull' | 'merge'. */
			waiting: text('waiting'),
			syncedAt: instant('synced_at')
		},
		(table) => [
			uniqueIndex(`${names.table}_external`).on(table.channelId, table.externalId, table.variantId),
			uniqueIndex(`${names.table}_internal`)
				.on(table.channelId, table.internalId)
				.where(sql`is_primary`),
			index(`${names.table}_record`).on(table.internalId),
			index(`${names.table}_dirty`)
				.on(table.channelId, table.id)
				.where(sql`dirty_seq > clean_seq`),
			index(`${names.table}_status`).on(table.channelId, table.status, table.id),
			index(`${names.table}_channel`).on(table.channelId, table.id)
		]
	);
}

export type MapTable = ReturnType<typeof mapTable>;
