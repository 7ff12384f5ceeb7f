import * as store from '#src/store/exclude-record.ts';
import { guarded, id } from './guarded.ts';

/** Takes an exclusion away. */
export const endExclusion = guarded('link', { exclusionId: id }, store.endExclusion);
