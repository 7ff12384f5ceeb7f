import type { Db } from '#src/db/client.ts';
import * as store from '#src/store/exclude-record.ts';
import { entityName, externalId, guarded, id, reason, variantId, type Acting } from './guarded.ts';

const about = { channelId: id, entity: entityName, reason };
const ours = guarded('link', { ...about, internalId: id }, store.excludeRecord);
const theirs = guarded('link', { ...about, externalId, variantId }, store.excludeRecord);

/** Sets one of our records (`internalId`) or of the channel's (`externalId`, `variantId`) aside. */
export async function excludeRecord(
	db: Db,
	input: store.ExcludeRecordInput & Acting
): Promise<store.ExcludeRecordResult> {
	return 'internalId' in input ? ours(db, input) : theirs(db, input);
}
