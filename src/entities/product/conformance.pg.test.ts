import { exerciseEntity } from '../../../tests/conformance/exercise-entity.ts';
import { product } from './index.ts';

exerciseEntity({
	entity: product,
	samples: {
		value: ['TENT', 'STOVE'],
		name: ['Tent', 'Stove'],
		description: ['Light', null],
		gtin: ['4006381333931', '4006381333948'],
		price: ['12.5', '13'],
		currency: ['EUR', 'CHF'],
		weight: ['2', '2.25'],
		is_active: [true, false]
	}
});
