import { exerciseEntity } from '../../../tests/conformance/exercise-entity.ts';
import { salesOrder } from './index.ts';

const lines = (quantity: string) => JSON.stringify([{ text: 'Tent', quantity, unit: 'piece', price: '45.5' }]);

exerciseEntity({
	entity: salesOrder,
	samples: {
		value: ['SO-1', 'SO-2'],
		name: ['Anna Berg', 'Anna Lund'],
		ordered_at: ['2026-11-29T08:00:00Z', '2026-11-29T08:00:00.5Z'],
		status: ['open', 'shipped'],
		lines: [lines('2'), lines('3')],
		shipping: ['9', '0'],
		discount: ['5', '5.5'],
		tax: ['19', '20.25'],
		total: ['114', '150'],
		currency: ['EUR', 'CHF']
	}
});
