import type { SuggestionRow } from './suggestion-row.ts';

/** One field of a suggested pair side by side; `mark` says what it means for the match. */
export type TriageField = {
	name: string;
	label: string;
	type: string;
	ours: string | boolean | null;
	theirs: string | boolean | null;
	/** equal, respelled: a code that agrees; near: names or prices that are close; far: they are not; no-code: not a valid GTIN; null: says nothing. */
	mark: 'equal' | 'respelled' | 'near' | 'far' | 'no-code' | null;
	/** In words, with the figure. */
	said: string | null;
};

/** A suggestion with all that a decision needs. */
export type TriageRow = SuggestionRow & {
	externalId: string;
	variantId: string;
	best: boolean;
	fields: readonly TriageField[];
};
