import type { Db } from '#src/db/client.ts';
import * as store from '#src/store/retry-quarantined.ts';
import { entityName, guarded, id, ids, text, type Acting } from './guarded.ts';

const byId = guarded('run', { entity: entityName, linkIds: ids }, store.retryQuarantined);
const byCause = guarded('run', { entity: entityName, channelId: id, kind: text(80) }, store.retryQuarantined);

/** Gives links that failed or were set aside another five tries: those named, or all of a channel with one cause. */
export async function retryQuarantined(
	db: Db,
	input: store.RetryQuarantinedInput & Acting
): Promise<store.RetryQuarantinedResult> {
	return 'linkIds' in input ? byId(db, input) : byCause(db, input);
}
