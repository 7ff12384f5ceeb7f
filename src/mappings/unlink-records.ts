import * as store from '#src/store/unlink-records.ts';
import { entityName, guarded, id, reason } from './guarded.ts';

/** Ends a link for good; `undoUnlink` with the returned `historyId` brings it back. */
export const unlinkRecords = guarded(
	'link',
	{ entity: entityName, linkId: id, reason: reason.optional(), excludeReason: reason.optional() },
	store.unlinkRecords
);
