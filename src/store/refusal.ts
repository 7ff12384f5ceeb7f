export type RefusalKind =
	| 'unknown-channel'
	| 'unknown-entity'
	| 'unknown-record'
	| 'unknown-external'
	| 'unknown-link'
	/** One of the two records is linked already; `holder` says to what. */
	| 'held'
	/** Set aside by a person; can be overridden. */
	| 'excluded'
	/** Not among the records that take part; can be overridden. */
	| 'out-of-scope'
	/** A create of this record is under way at the channel. */
	| 'intent-open'
	/** What the person saw is not what is there now. */
	| 'stale'
	| 'not-allowed'
	/** Malformed input; `field` names it. */
	| 'invalid'
	| 'nothing-to-undo';

/** The link that stands in the way. */
export type Holder = {
	linkId: string;
	internalId: string;
	/** Null where our record is gone. */
	value: string | null;
	name: string | null;
	externalId: string;
	variantId: string;
};

/** An expected "no": nothing was changed. `hint` is what the person can do about it. */
export type Refusal = {
	ok: false;
	kind: RefusalKind;
	message: string;
	hint: string;
	/** The form field it is about. */
	field?: string;
	holder?: Holder;
};

/** Puts a refusal together. */
export function refusal(
	kind: RefusalKind,
	message: string,
	hint: string,
	more: { field?: string; holder?: Holder } = {}
): Refusal {
	return { ok: false, kind, message, hint, ...more };
}
