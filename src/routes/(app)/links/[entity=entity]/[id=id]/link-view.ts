import type { Shown } from '#src/lib/words/value-words.ts';

/** One field of a link: what each side holds, what they last agreed on, and what would happen now. */
export type FieldView = {
	name: string;
	label: string;
	type: string;
	ours: Shown;
	theirs: Shown;
	/** What we held when the two last agreed; undefined = never agreed. */
	base: Shown;
	/** What the channel held then, where it was something else (rounded, shortened). */
	baseTheirs: Shown;
	/** What is on its way to the channel. */
	sending: Shown;
	verdict: string;
	rule: string;
};

export type ConflictView = {
	id: string;
	field: string;
	label: string;
	type: string;
	internal: Shown;
	external: Shown;
	base: Shown;
	rule: string;
	createdAt: string;
};

export type SettledView = ConflictView & { winner: string; decidedAt: string | null; reversedBy: string | null };
