import * as store from '#src/store/undo-unlink.ts';
import { guarded, id } from './guarded.ts';

/** Brings an ended link back. */
export const undoUnlink = guarded('link', { historyId: id }, store.undoUnlink);
