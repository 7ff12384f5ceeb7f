import type { Entity } from '#src/entities/entity.ts';
import { recordStore } from '#src/entities/record-store.ts';
import { businessPartnerFields } from './fields.ts';
import { businessPartner as record, businessPartnerMap, businessPartnerMapNames } from './table.ts';

export const businessPartner: Entity = {
	name: 'business-partner',
	label: { one: 'Business partner', many: 'Business partners' },
	fields: businessPartnerFields,
	matchKeys: ['value', 'tax_id', 'email'],
	recordTable: 'c_bpartner',
	mapNames: businessPartnerMapNames,
	map: businessPartnerMap,
	record,
	store: recordStore('c_bpartner', businessPartnerFields)
};
