import { exerciseEntity } from '../../../tests/conformance/exercise-entity.ts';
import { stockLevel } from './index.ts';

exerciseEntity({
	entity: stockLevel,
	samples: {
		on_hand: ['10', '12.5'],
		reserved: ['1', '2'],
		buffer: ['0', '3'],
		unit: ['piece', 'box'],
		is_active: [true, false]
	}
});
