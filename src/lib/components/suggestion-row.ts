import type { Evidence } from '../words/evidence-words.ts';

/** One suggested pair, as the lists show it. */
export type SuggestionRow = {
	id: string;
	channel: { id: string; name: string };
	entity: string;
	internalId: string;
	value: string;
	name: string;
	externalValue: string;
	externalName: string;
	url: string | null;
	score: number;
	evidence: readonly Evidence[];
	ambiguous: boolean;
	/** Labels of the entity's fields. */
	labels: Readonly<Record<string, string>>;
};
