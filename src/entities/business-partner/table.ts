import { sql } from 'drizzle-orm';
import { index, pgTable, text } from 'drizzle-orm/pg-core';
import { mapTable } from '#src/entities/map-table.ts';
import { recordColumns, recordIndexes } from '#src/entities/record-table.ts';

export const businessPartner = pgTable(
	'c_bpartner',
	{
		...recordColumns(),
		email: text('email'),
		phone: text('phone'),
		taxId: text('tax_id')
	},
	(table) => [
		...recordIndexes('c_bpartner', table),
		index('c_bpartner_tax_id_code').on(sql`match_code(tax_id)`),
		index('c_bpartner_email_code').on(sql`match_code(email)`)
	]
);

export const businessPartnerMapNames = {
	table: 'c_channel_map_bpartner',
	internalColumn: 'c_bpartner_id',
	externalColumn: 'external_bpartner_id'
};

export const businessPartnerMap = mapTable(businessPartnerMapNames);
