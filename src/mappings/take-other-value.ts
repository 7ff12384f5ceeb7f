import * as store from '#src/store/take-other-value.ts';
import { guarded, id } from './guarded.ts';

/** Takes the losing value of a conflict that a rule settled. */
export const takeOtherValue = guarded('resolve', { conflictId: id }, store.takeOtherValue);
