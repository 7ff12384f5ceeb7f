import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { id, identity, instant } from '#src/db/schema/columns.ts';
import { mapTable } from '#src/entities/map-table.ts';

export const priceList = pgTable(
	'm_pricelist',
	{
		id: identity('id'),
		value: text('value').notNull().unique(),
		name: text('name').notNull(),
		/** ISO 4217; of all its prices. */
		currency: text('currency'),
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
		index('m_pricelist_value_code').on(sql`match_code(value)`),
		index('m_pricelist_name').on(table.name, table.id),
		index('m_pricelist_search').using('gin', sql`(lower(value || ' ' || name)) gin_trgm_ops`)
	]
);

export const priceListMapNames = {
	table: 'c_channel_map_pricelist',
	internalColumn: 'm_pricelist_id',
	externalColumn: 'external_pricelist_id'
};

export const priceListMap = mapTable(priceListMapNames);
