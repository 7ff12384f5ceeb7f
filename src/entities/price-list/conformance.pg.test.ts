import { exerciseEntity } from '../../../tests/conformance/exercise-entity.ts';
import { priceList } from './index.ts';

exerciseEntity({
	entity: priceList,
	samples: {
		value: ['RETAIL', 'DEALER'],
		name: ['Retail', 'Dealers'],
		currency: ['EUR', 'CHF'],
		is_active: [true, false]
	}
});
