import type { Shown } from '../words/value-words.ts';

/** What a page needs to know of a field to show it. */
export type FieldInfo = { name: string; label: string; type: string };

/** One value that moved, as the journal keeps it. */
export type JournalChange = {
	field: string;
	side: string;
	before: Shown;
	after: Shown;
	rule: string;
	/** The value that lost, where two competed. */
	lost?: Shown;
	/** Pages of what the values point to, where they are references to something that has one. */
	pages?: { before: string | null; after: string | null; lost: string | null };
	/** It still stands, and can be undone by itself. */
	returnable?: boolean;
};

/** One entry of the journal. */
export type JournalEntry = {
	id: string;
	at: string;
	/** 'engine' or who it was. */
	actor: string;
	action: string;
	channel: string;
	/** Page of the link, where it still makes sense. */
	href?: string | null;
	runId?: string | null;
	changes: readonly JournalChange[];
};
