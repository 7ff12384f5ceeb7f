import type { Entity } from '#src/entities/entity.ts';
import { recordStore } from '#src/entities/record-store.ts';
import { defaultPolicy } from '#src/sync/policy.ts';
import { stockLevelFields, stockLevelKey } from './fields.ts';
import { stockLevel as record, stockLevelMap, stockLevelMapNames } from './table.ts';

const sent = { direction: 'to-channel' } as const;

export const stockLevel: Entity = {
	name: 'stock-level',
	label: { one: 'Stock level', many: 'Stock levels' },
	fields: stockLevelFields,
	matchKeys: [],
	keyFields: stockLevelKey,
	listed: ['on_hand', 'available', 'unit'],
	initial: {
		policy: {
			fields: { product: sent, warehouse: sent, available: sent, unit: sent, is_active: sent },
			// Stock moves all day: what is too much for a catalogue is a quiet morning here.
			ceilings: { ...defaultPolicy.ceilings, updates: { count: 1_000_000, share: 1 } }
		},
		schedule: { everySeconds: 60 }
	},
	recordTable: 'm_stock',
	mapNames: stockLevelMapNames,
	map: stockLevelMap,
	record,
	store: recordStore('m_stock', stockLevelFields, stockLevelKey)
};
