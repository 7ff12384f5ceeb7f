import * as store from '#src/store/request-sync.ts';
import { entityName, guarded, ids } from './guarded.ts';

/** Marks links to be compared at once; the caller starts the run. */
export const requestSync = guarded('run', { entity: entityName, linkIds: ids }, store.requestSync);
