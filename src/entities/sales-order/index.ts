import type { Entity } from '#src/entities/entity.ts';
import { recordStore } from '#src/entities/record-store.ts';
import { defaultPolicy, type FieldPolicy } from '#src/sync/policy.ts';
import { salesOrderFields } from './fields.ts';
import { objectionToOrder } from './order-total.ts';
import { salesOrder as record, salesOrderMap, salesOrderMapNames } from './table.ts';

/** All but the status comes from the channel only. */
const directions = Object.fromEntries(
	salesOrderFields
		.filter(({ name }) => name !== 'status')
		.map(({ name }): [string, FieldPolicy] => [name, { direction: 'from-channel' }])
);

export const salesOrder: Entity = {
	name: 'sales-order',
	label: { one: 'Sales order', many: 'Sales orders' },
	fields: salesOrderFields,
	matchKeys: [],
	listed: ['ordered_at', 'status', 'total', 'currency'],
	valueRepeats: true,
	comesFrom: 'channel',
	began: 'ordered_at',
	objection: objectionToOrder,
	initial: {
		policy: {
			conflict: 'ask',
			fields: directions,
			// A shop takes more orders in a day than a catalogue gets products.
			ceilings: { ...defaultPolicy.ceilings, creates: { count: 1_000_000, share: 1 } }
		},
		schedule: { everySeconds: 60 }
	},
	recordTable: 'c_order',
	mapNames: salesOrderMapNames,
	map: salesOrderMap,
	record,
	store: recordStore('c_order', salesOrderFields)
};
