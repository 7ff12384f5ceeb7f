import type { TriageField, TriageRow } from '#src/lib/components/triage-row.ts';
import { m } from '#src/lib/paraglide/messages.js';
import type { SuggestionRow } from '#src/mappings/list-suggestions.ts';
import { suggestedFields, type SuggestedField } from '#src/mappings/suggested-fields.ts';
import { suggestionRows } from './suggestion-rows.ts';

const nearPercent = 60;

/** Suggestions with both records field by field. */
export function triageRows(rows: readonly SuggestionRow[]): TriageRow[] {
	return suggestionRows(rows).map((shown, index) => {
		const row = rows[index];
		const fields = row ? suggestedFields(row) : [];
		const { externalId = '', variantId = '', best = true } = row ?? {};
		return { ...shown, externalId, variantId, best, fields: fields.map(inWords) };
	});
}

function inWords({ evidence, notGtin, ...field }: SuggestedField): TriageField {
	return { ...field, ...judged(evidence, notGtin) };
}

function judged(evidence: SuggestedField['evidence'], notGtin: boolean): Pick<TriageField, 'mark' | 'said'> {
	if (evidence?.kind === 'equal') return { mark: 'equal', said: m.triage_equal() };
	if (evidence?.kind === 'respelled') return { mark: 'respelled', said: m.triage_respelled() };
	if (evidence) {
		const percent = evidence.percent ?? 0;
		const said = evidence.kind === 'ratio' ? m.triage_ratio({ percent }) : m.triage_alike({ percent });
		return { mark: percent >= nearPercent ? 'near' : 'far', said };
	}
	return notGtin ? { mark: 'no-code', said: m.triage_no_gtin() } : { mark: null, said: null };
}
