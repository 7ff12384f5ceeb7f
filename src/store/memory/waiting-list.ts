import type { CandidateRow } from './matching-tables.ts';
import type { Tables } from './tables.ts';

/** INSERT INTO sync_candidate ... ON CONFLICT DO NOTHING. */
export function joinWaitingList(tables: Tables, candidate: CandidateRow): void {
	const { channelId, entity, side, recordId, variantId } = candidate;
	if (tables.candidate(channelId, entity, side, recordId, variantId)) return;
	tables.candidates.insert(candidate);
	tables.requireChannel('sync_candidate', channelId);
}

/** Whether a person keeps automation away from this record of ours at the channel. */
export function isInternalExcluded(
	tables: Tables,
	record: { channelId: string; entity: string; internalId: string }
): boolean {
	for (const { kind } of tables.exclusionsOfInternal(record.channelId, record.entity, record.internalId)) {
		if (kind === 'record') return true;
	}
	return false;
}

/** Whether a person keeps automation away from this record of the channel. */
export function isExternalExcluded(
	tables: Tables,
	record: { channelId: string; entity: string; externalId: string; variantId: string }
): boolean {
	const { channelId, entity, externalId, variantId } = record;
	for (const { kind } of tables.exclusionsOfExternal(channelId, entity, externalId, variantId)) {
		if (kind === 'record') return true;
	}
	return false;
}

/** Whether any link of the channel, primary or not, names this record of ours. */
export function isInternalLinked(
	tables: Tables,
	record: { channelId: string; entity: string; internalId: string }
): boolean {
	for (const link of tables.of(record.entity).linksOfRecord(record.internalId)) {
		if (link.channelId === record.channelId) return true;
	}
	return false;
}
