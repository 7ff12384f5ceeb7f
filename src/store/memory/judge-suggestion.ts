import type { RejectSuggestionResult, SuggestionInput } from '../judge-suggestion.ts';
import type { LinkRecordsResult } from '../link-records.ts';
import { goneSuggestion } from '../refusals.ts';
import { insertExclusions } from './exclusions.ts';
import { joinWaitingLists, leaveWaitingLists } from './leave-waiting-lists.ts';
import { linkWithin } from './link-records.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import type { SuggestionRow } from './matching-tables.ts';
import type { Tables } from './tables.ts';

/** `acceptSuggestion` in memory. */
export function acceptSuggestion(tables: Tables, { suggestionId, actor, via }: SuggestionInput): LinkRecordsResult {
	const found = readSuggestion(tables, suggestionId);
	if (!found) return goneSuggestion();
	const { suggestion, ...pair } = found;
	return linkWithin(tables, { ...pair, actor, via }, { suggestion });
}

/** `rejectSuggestion` in memory. */
export function rejectSuggestion(tables: Tables, input: SuggestionInput & { reason?: string }): RejectSuggestionResult {
	const found = readSuggestion(tables, input.suggestionId);
	if (!found) return goneSuggestion();
	const { suggestion, ...pair } = found;
	const reason = input.reason?.trim() ?? '';
	leaveWaitingLists(tables, pair);
	const said = { reason: reason || 'rejected', createdBy: input.actor.name };
	insertExclusions(tables, pair, { pair: true, internal: false, external: false, ...said });
	joinWaitingLists(tables, pair);
	writeJournal(tables, input, { ...pair, linkId: null, action: 'reject', inputs: { reason, suggestion } });
	const { channelId, ...detail } = pair;
	writeAudit(tables, input, { action: 'reject', object: `suggestion/${input.suggestionId}`, channelId, detail });
	return { ok: true };
}

function readSuggestion(tables: Tables, suggestionId: string) {
	const row = tables.suggestions.get(suggestionId);
	return row ? suggestedPair(row) : null;
}

/** `suggestionColumns` in memory. */
export function suggestedPair(row: SuggestionRow) {
	const { channelId, entity, internalId, externalId, variantId, score, evidence, ambiguous, best } = row;
	return { channelId, entity, internalId, externalId, variantId, suggestion: { score, evidence, ambiguous, best } };
}
