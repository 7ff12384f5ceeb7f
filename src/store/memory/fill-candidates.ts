import { inScope } from '#src/sync/scope.ts';
import type { Tables } from './tables.ts';
import { isExternalExcluded, isInternalExcluded, isInternalLinked, joinWaitingList } from './waiting-list.ts';

/** `fillCandidates` in memory. */
export function fillCandidates(tables: Tables, entity: string, channelId: string, side: 'internal' | 'external'): void {
	if (side === 'internal') fillInternal(tables, entity, channelId);
	else fillExternal(tables, entity, channelId);
}

function fillInternal(tables: Tables, entity: string, channelId: string): void {
	const scope = tables.channelEntity(channelId, entity)?.policy.scope?.internal;
	for (const { id, record: own } of tables.of(entity).records.all()) {
		const record = { channelId, entity, internalId: id };
		if (!inScope(own.fields, scope)) continue;
		if (isInternalLinked(tables, record) || isInternalExcluded(tables, record)) continue;
		joinWaitingList(tables, { channelId, entity, side: 'internal', recordId: id, variantId: '' });
	}
}

function fillExternal(tables: Tables, entity: string, channelId: string): void {
	const { linkByExternal } = tables.of(entity);
	const scope = tables.channelEntity(channelId, entity)?.policy.scope?.external;
	for (const { externalId, variantId, fields, deletedAt } of tables.channelRecordsOf(channelId, entity)) {
		if (deletedAt !== null || !inScope(fields, scope) || linkByExternal(channelId, externalId, variantId)) continue;
		if (isExternalExcluded(tables, { channelId, entity, externalId, variantId })) continue;
		joinWaitingList(tables, { channelId, entity, side: 'external', recordId: externalId, variantId });
	}
}
