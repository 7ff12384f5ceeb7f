import { pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { id } from './columns.ts';

/**
 * Records of ours that have no link to a channel, are in its scope and not set aside there: kept by triggers, so that a list of the few that
 * are free need not compare a million records with a million links. No verb of the store reads or writes it.
 */
export const unlinkedInternal = pgTable(
	'sync_unlinked_internal',
	{
		channelId: id('c_channel_id').notNull(),
		entity: text('entity').notNull(),
		internalId: id('internal_id').notNull()
	},
	(table) => [primaryKey({ columns: [table.channelId, table.entity, table.internalId] })]
);

/** The same for a channel's records that are there. */
export const unlinkedExternal = pgTable(
	'sync_unlinked_external',
	{
		channelId: id('c_channel_id').notNull(),
		entity: text('entity').notNull(),
		externalId: text('external_id').notNull(),
		variantId: text('external_variant_id').notNull().default('')
	},
	(table) => [primaryKey({ columns: [table.channelId, table.entity, table.externalId, table.variantId] })]
);

/** Records of ours that would be in the table above, were they in the scope of that channel and entity; kept by the same triggers. */
export const outsideInternal = pgTable(
	'sync_outside_internal',
	{
		channelId: id('c_channel_id').notNull(),
		entity: text('entity').notNull(),
		internalId: id('internal_id').notNull()
	},
	(table) => [primaryKey({ columns: [table.channelId, table.entity, table.internalId] })]
);

/** The same for a channel's records. */
export const outsideExternal = pgTable(
	'sync_outside_external',
	{
		channelId: id('c_channel_id').notNull(),
		entity: text('entity').notNull(),
		externalId: text('external_id').notNull(),
		variantId: text('external_variant_id').notNull().default('')
	},
	(table) => [primaryKey({ columns: [table.channelId, table.entity, table.externalId, table.variantId] })]
);
