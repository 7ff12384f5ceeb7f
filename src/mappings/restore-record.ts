import * as store from '#src/store/restore-record.ts';
import { entityName, guarded, id } from './guarded.ts';

/** Brings back the missing side of a link: our record at once, the channel's with the next run. */
export const restoreRecord = guarded('link', { entity: entityName, linkId: id }, store.restoreRecord);
