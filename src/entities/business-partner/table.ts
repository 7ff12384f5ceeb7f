import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { id, identity, instant } from '#src/db/schema/columns.ts';
import { mapTable } from '#src/entities/map-table.ts';

export const businessPartner = pgTable(
	'c_bpartner',
	{
		id: identity('id'),
		value: text('value').notNull().unique(),
		name: text('name').notNull(),
		email: text('email'),
		phone: text('phone'),
		taxId: text('tax_id'),
		isActive: boolean('is_active').notNull().default(true),
		attributes: jsonb('attributes').$type<Record<string, string>>().notNull().default({}),
		/** When each field last changed, by name; kept by trigger. */
		changed: jsonb('changed').$type<Record<string, string>>().notNull().default({}),
		rev: id('rev')
			.notNull()
			.default(sql`1`),
		createdAt: instant('created_at')
			.notNull()
			.default(sql`now()`),
		updatedAt: instant('updated_at')
			.notNull()
			.default(sql`now()`)
	},
	(table) => [
		index('c_bpartner_value_code').on(sql`match_code(value)`),
		index('c_bpartner_tax_id_code').on(sql`match_code(tax_id)`),
		index('c_bpartner_email_code').on(sql`match_code(email)`),
		index('c_bpartner_name').on(table.name, table.id),
		index('c_bpartner_search').using('gin', sql`(lower(value || ' ' || name)) gin_trgm_ops`)
	]
);

export const businessPartnerMapNames = {
	table: 'c_channel_map_bpartner',
	internalColumn: 'c_bpartner_id',
	externalColumn: 'external_bpartner_id'
};

export const businessPartnerMap = mapTable(businessPartnerMapNames);
