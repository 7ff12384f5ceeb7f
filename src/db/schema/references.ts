import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { id, instant } from './columns.ts';

/** What takes part, for triggers and views that serve all entities; written by `cm_attach_entity`. */
export const attachedEntity = pgTable('sync_entity', {
	name: text('name').primaryKey(),
	recordTable: text('record_table').notNull(),
	mapTable: text('map_table').notNull(),
	internalColumn: text('internal_column').notNull(),
	externalColumn: text('external_column').notNull()
});

/** Which columns of ours point to records of which entity; written by `cm_attach_reference`. */
export const attachedReference = pgTable(
	'sync_reference',
	{
		entity: text('entity').notNull(),
		field: text('field').notNull(),
		columnName: text('column_name').notNull(),
		toEntity: text('to_entity').notNull()
	},
	(table) => [primaryKey({ columns: [table.entity, table.field] })]
);

/**
 * References to records without a link, each with what waits for them: a link, or a record that is to be created on the other
 * side. The link that ends the waiting takes the row away and wakes its owner, in the same transaction.
 */
export const awaiting = pgTable(
	'sync_awaiting',
	{
		channelId: id('c_channel_id').notNull(),
		entity: text('entity').notNull(),
		/** 'link' | 'internal' | 'external' */
		owner: text('owner').$type<'link' | 'internal' | 'external'>().notNull(),
		/** Of the link, of our record, or the channel's id of its record. */
		ownerId: text('owner_id').notNull(),
		variantId: text('external_variant_id').notNull().default(''),
		field: text('field').notNull(),
		toEntity: text('to_entity').notNull(),
		/** Whose id `ref_id` is: 'internal' | 'external'. */
		side: text('side').$type<'internal' | 'external'>().notNull(),
		/** Of a channel's record with a variant: "id/variant". */
		refId: text('ref_id').notNull(),
		/**
		 * A record that is told from others by what it points to cannot be matched before that is linked; nobody asked for it to
		 * be created. It is nobody's to-do, so no list has it.
		 */
		matching: boolean('matching').notNull().default(false),
		problem: jsonb('problem').$type<{ kind: string; message: string; hint: string; field?: string }>().notNull(),
		since: instant('since')
			.notNull()
			.default(sql`now()`)
	},
	(table) => [
		// A list waits for each record that it names.
		primaryKey({
			name: 'sync_awaiting_pk',
			columns: [
				table.channelId,
				table.entity,
				table.owner,
				table.ownerId,
				table.variantId,
				table.field,
				table.side,
				table.refId
			]
		}),
		index('sync_awaiting_reference').on(table.channelId, table.toEntity, table.side, table.refId),
		index('sync_awaiting_shown')
			.on(table.channelId, table.toEntity, table.side, table.refId)
			.where(sql`not matching`)
	]
);
