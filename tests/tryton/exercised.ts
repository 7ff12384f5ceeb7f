import type { Rig } from '../conformance/exercise-connector.ts';
import {
	categoryExercise,
	parentExercise,
	partnerExercise,
	priceListExercise,
	productExercise,
	productPriceExercise,
	salesOrderExercise,
	type TrytonExercise,
	warehouseExercise
} from './exercises.ts';
import { partnerRig, productRig } from './rig.ts';
import { categoryRig, parentRig, priceListRig, productPriceRig, warehouseRig } from './row-rigs.ts';
import { salesOrderRig } from './sales.ts';
import type { TrytonDatabase } from './server.ts';

/** What the conformance suite tries on each entity of Tryton, with the hands that reach into it. */
export const trytonExercises: readonly { exercise: TrytonExercise; rig: (database: TrytonDatabase) => Rig }[] = [
	{ exercise: productExercise, rig: productRig },
	{ exercise: parentExercise, rig: parentRig },
	{ exercise: categoryExercise, rig: categoryRig },
	{ exercise: partnerExercise, rig: partnerRig },
	{ exercise: warehouseExercise, rig: warehouseRig },
	{ exercise: priceListExercise, rig: priceListRig },
	{ exercise: productPriceExercise, rig: productPriceRig },
	{ exercise: salesOrderExercise, rig: salesOrderRig }
];
