import type { Evidence } from '#src/lib/words/evidence-words.ts';
import type { Shown } from '#src/lib/words/value-words.ts';

/** A field on which both sides differ, as last seen. */
export type DifferingField = { name: string; label: string; type: string; ours: Shown; theirs: Shown };

export type LinkPart = {
	id: string;
	externalId: string;
	variantId: string;
	isPrimary: boolean;
	status: string;
	waiting: string | null;
	problem: { kind: string; message: string; hint: string } | null;
	syncedAt: string | null;
	url: string | null;
	differing: readonly DifferingField[];
};

export type SuggestionPart = {
	id: string;
	externalId: string;
	variantId: string;
	score: number;
	evidence: readonly Evidence[];
	ambiguous: boolean;
	/** The channel's code and name of the record. */
	value: string;
	name: string;
	url: string | null;
};

/** One record of the channel that a search found. */
export type FoundPart = {
	externalId: string;
	variantId: string;
	value: string;
	name: string;
	url: string | null;
	/** The link that holds it already. */
	heldBy: { linkId: string; value: string; name: string } | null;
};

export type FindPart =
	{ ok: true; text: string; found: readonly FoundPart[] } | { ok: false; text: string; title: string; hint: string };

/** One channel on the Channel Mapping tab of a record. */
export type ChannelCard = {
	channel: { id: string; name: string; paused: boolean; allowSecondary: boolean };
	links: readonly LinkPart[];
	suggestions: readonly SuggestionPart[];
	/** The record is not among those that take part in the channel. */
	outside: boolean;
	/** Why automation leaves this record alone. */
	excluded: { id: string; reason: string; createdBy: string; createdAt: string } | null;
	/** A create in the channel that is not confirmed yet. */
	creating: { createdAt: string; problem: { message: string; hint: string } | null } | null;
	/** It is not created there yet: it points to a record without a link. */
	awaiting: { message: string; hint: string } | null;
	/** Links that ended and can come back, newest first. */
	ended: readonly { historyId: string; externalId: string; endedBy: string; endedAt: string }[];
};

/** A pair that a person set aside and may link all the same. */
export type Override = { channelId: string; externalId: string; variantId: string; further: boolean };
