import type { Shown } from '../words/value-words.ts';

/** One field on which both sides changed, as the lists show it. */
export type ConflictRow = {
	id: string;
	channel: { id: string; name: string };
	entity: string;
	linkId: string;
	value: string;
	name: string;
	/** Label and type of the field. */
	label: string;
	type: string;
	base: Shown;
	internal: Shown;
	external: Shown;
	rule: string;
	createdAt: string;
};

/** A conflict that a rule settled. */
export type SettledRow = ConflictRow & {
	winner: string;
	decidedAt: string | null;
	reversedBy: string | null;
	linked: boolean;
};
