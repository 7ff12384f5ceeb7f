import type { RejectSuggestionResult, SuggestionInput } from '../judge-suggestion.ts';
import type { LinkRecordsResult } from '../link-records.ts';
import { goneSuggestion } from '../refusals.ts';
import { insertExclusions } from './exclusions.ts';
import { joinWaitingLists, leaveWaitingLists } from './leave-waiting-lists.ts';
import { linkRecords } from './link-records.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import type { Tables } from './tables.ts';

/** `acceptSuggestion` in memory. */
export function acceptSuggestion(tables: Tables, { suggestionId, actor, via }: SuggestionInput): LinkRecordsResult {
	const suggestion = readSuggestion(tables, suggestionId);
	return suggestion ? linkRecords(tables, { ...suggestion, actor, via }) : goneSuggestion();
}

/** `rejectSuggestion` in memory. */
export function rejectSuggestion(tables: Tables, input: SuggestionInput & { reason?: string }): RejectSuggestionResult {
	const suggestion = readSuggestion(tables, input.suggestionId);
	if (!suggestion) return goneSuggestion();
	const reason = input.reason?.trim() ?? '';
	leaveWaitingLists(tables, suggestion);
	const said = { reason: reason || 'rejected', createdBy: input.actor.name };
	insertExclusions(tables, suggestion, { pair: true, internal: false, external: false, ...said });
	joinWaitingLists(tables, suggestion);
	writeJournal(tables, input, { ...suggestion, linkId: null, action: 'reject', inputs: { reason } });
	const { channelId, ...detail } = suggestion;
	writeAudit(tables, input, { action: 'reject', object: `suggestion/${input.suggestionId}`, channelId, detail });
	return { ok: true };
}

function readSuggestion(tables: Tables, suggestionId: string) {
	const row = tables.suggestions.get(suggestionId);
	if (!row) return null;
	const { channelId, entity, internalId, externalId, variantId } = row;
	return { channelId, entity, internalId, externalId, variantId };
}
