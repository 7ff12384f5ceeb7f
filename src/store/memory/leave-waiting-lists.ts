import type { Tables } from './tables.ts';
import { joinWaitingList } from './waiting-list.ts';

type Pair = {
	channelId: string;
	entity: string;
	internalId: string | null;
	externalId: string | null;
	variantId: string;
};

/** `leaveWaitingLists` in memory. */
export function leaveWaitingLists(tables: Tables, pair: Pair): void {
	const { channelId, entity, internalId, externalId, variantId } = pair;
	const isOurs = (row: { internalId: string }) => row.internalId === internalId;
	const isTheirs = (row: { externalId: string; variantId: string }) =>
		row.externalId === externalId && row.variantId === variantId;
	const dropped = [...tables.suggestionsOf(channelId, entity)].filter((row) => isOurs(row) || isTheirs(row));
	for (const row of dropped) {
		tables.suggestions.remove(row);
		if (!isTheirs(row)) joinWaitingLists(tables, { ...row, internalId: null });
		if (!isOurs(row)) joinWaitingLists(tables, { ...row, externalId: null });
	}
	const waiting = [
		internalId === null ? undefined : tables.candidate(channelId, entity, 'internal', internalId, ''),
		externalId === null ? undefined : tables.candidate(channelId, entity, 'external', externalId, variantId)
	];
	for (const row of waiting) if (row) tables.candidates.remove(row);
}

/** `joinWaitingLists` in memory. */
export function joinWaitingLists(tables: Tables, pair: Pair): void {
	const { channelId, entity, internalId, externalId, variantId } = pair;
	if (internalId !== null) {
		joinWaitingList(tables, { channelId, entity, side: 'internal', recordId: internalId, variantId: '' });
	}
	if (externalId !== null) {
		joinWaitingList(tables, { channelId, entity, side: 'external', recordId: externalId, variantId });
	}
}
