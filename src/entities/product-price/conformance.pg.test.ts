import { exerciseEntity } from '../../../tests/conformance/exercise-entity.ts';
import { productPrice } from './index.ts';

exerciseEntity({ entity: productPrice, samples: { price: ['12.5', '13'], is_active: [true, false] } });
