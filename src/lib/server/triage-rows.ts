import { entityNamed } from '#src/entities/registry.ts';
import type { TriageField, TriageRow } from '#src/lib/components/triage-row.ts';
import { m } from '#src/lib/paraglide/messages.js';
import type { SuggestionRow } from '#src/mappings/list-suggestions.ts';
import type { Value } from '#src/sync/fields.ts';
import { isGtin, type MatchEvidence } from '#src/sync/match-evidence.ts';
import { suggestionRows } from './suggestion-rows.ts';

const nearPercent = 60;

/** Suggestions with both records field by field. */
export function triageRows(rows: readonly SuggestionRow[]): TriageRow[] {
	return suggestionRows(rows).map((shown, index) => {
		const row = rows[index];
		const fields = row ? fieldsOf(row) : [];
		const { externalId = '', variantId = '', best = true } = row ?? {};
		return { ...shown, externalId, variantId, best, fields };
	});
}

function fieldsOf({ entity, internal, external, evidence }: SuggestionRow): TriageField[] {
	return (entityNamed(entity)?.fields ?? []).flatMap(({ name, label, type }) => {
		const ours = internal?.fields[name] ?? null;
		const theirs = external?.fields[name] ?? null;
		if (blank(ours) && blank(theirs)) return [];
		const piece = evidence.find(({ field }) => field === name);
		return [{ name, label, type, ours, theirs, ...judged(name, ours, theirs, piece) }];
	});
}

function judged(
	name: string,
	ours: Value,
	theirs: Value,
	piece: MatchEvidence | undefined
): Pick<TriageField, 'mark' | 'said'> {
	if (piece?.kind === 'equal') return { mark: 'equal', said: m.triage_equal() };
	if (piece?.kind === 'respelled') return { mark: 'respelled', said: m.triage_respelled() };
	if (piece) {
		const percent = piece.percent ?? 0;
		const said = piece.kind === 'ratio' ? m.triage_ratio({ percent }) : m.triage_alike({ percent });
		return { mark: percent >= nearPercent ? 'near' : 'far', said };
	}
	const wrongCode = (value: Value) => typeof value === 'string' && !blank(value) && !isGtin(value);
	if (name === 'gtin' && (wrongCode(ours) || wrongCode(theirs))) return { mark: 'no-code', said: m.triage_no_gtin() };
	return { mark: null, said: null };
}

function blank(value: Value): boolean {
	return value === null || value === '';
}
