import type { Entity } from '#src/entities/entity.ts';
import type { Value } from '#src/sync/fields.ts';
import { isGtin, type MatchEvidence } from '#src/sync/match-evidence.ts';
import type { SuggestionRow } from './list-suggestions.ts';

/** One field of a suggested pair side by side. */
export type SuggestedField = {
	name: string;
	label: string;
	type: string;
	ours: Value;
	theirs: Value;
	/** What it says for or against the pair; null where it says nothing. */
	evidence: MatchEvidence | null;
	/** One of the two is no valid GTIN: whatever it looks like, it does not count. */
	notGtin: boolean;
};

/** Both records of a suggestion field by field; what neither side has is left out. */
export function suggestedFields(entities: readonly Entity[], row: SuggestionRow): SuggestedField[] {
	const { internal, external, evidence } = row;
	return (entities.find(({ name }) => name === row.entity)?.fields ?? []).flatMap(({ name, label, type }) => {
		const ours = internal?.fields[name] ?? null;
		const theirs = external?.fields[name] ?? null;
		if (blank(ours) && blank(theirs)) return [];
		const piece = evidence.find(({ field }) => field === name) ?? null;
		const notGtin = name === 'gtin' && [ours, theirs].some(isWrongGtin);
		return [{ name, label, type, ours, theirs, evidence: piece, notGtin }];
	});
}

function isWrongGtin(value: Value): boolean {
	return typeof value === 'string' && !blank(value) && !isGtin(value);
}

function blank(value: Value): boolean {
	return value === null || value === '';
}
