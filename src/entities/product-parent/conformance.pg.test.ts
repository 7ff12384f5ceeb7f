import { exerciseEntity } from '../../../tests/conformance/exercise-entity.ts';
import { productParent } from './index.ts';

exerciseEntity({
	entity: productParent,
	samples: {
		value: ['TENTS', 'STOVES'],
		name: ['Tent', 'Stove'],
		description: ['Light', null],
		price: ['12.5', '13'],
		currency: ['EUR', 'CHF'],
		is_active: [true, false]
	}
});
