import type { Fields, FieldType } from '#src/sync/fields.ts';
import type { ConnectorErrorKind } from '../error.ts';

/** Time as the channel sees it; the engine's own clock fits. */
export type MemoryClock = {
	/** Milliseconds since 1970, with fractions. */
	nowMs(): number;
	/** The clock that `sendBy` is measured on. */
	monotonicMs(): number;
};

/** What the channel makes of a value that it is sent. */
export type Rewrite = 'trim' | 'upper' | 'squeeze' | 'mark-up' | { round: number };

export type MemoryField = {
	name: string;
	type: FieldType;
	rewrite?: Rewrite;
	/** The connector does not know of the rewriting: its normal form leaves it out. */
	hidden?: true;
	readOnly?: true;
	/** Its values are in this value table. */
	table?: string;
	/** Numbers below 0 are taken. */
	negative?: true;
};

export type MemoryMethod = 'probe' | 'list' | 'changes' | 'read' | 'search' | 'find' | 'create' | 'update';

/** One call as it reached the channel. */
export type MemoryCall = {
	seq: number;
	/** Wall milliseconds. */
	at: number;
	method: MemoryMethod;
	entity: string;
	/** Ids asked for or written; references for `find` and `create`. */
	ids: readonly string[];
};

/** One way in which one call goes wrong. */
export type Fault =
	/** Nothing is done, and the call fails like this. */
	| { kind: 'fails'; as: ConnectorErrorKind; retryAfterMs?: number }
	/** The effect takes place, and the answer is lost. */
	| { kind: 'reply-lost' }
	/** The call times out at once, and its effect takes place so much later. */
	| { kind: 'lands-late'; afterMs: number }
	/** A listing or search answers as if the channel were empty. */
	| { kind: 'empty' }
	/** The answer shows what was true so long ago. */
	| { kind: 'stale'; agoMs: number }
	/** A listing ends after so many records of the page and says that it is whole; a read by ids shows so many. */
	| { kind: 'truncated'; keep: number }
	/** A page holds each of its records twice. */
	| { kind: 'duplicated' };

export type MemoryOptions = {
	clock: MemoryClock;
	/** Default: product and business-partner with our fields, prices rounded to two digits, texts trimmed. */
	entities?: Readonly<Record<string, readonly MemoryField[]>>;
	/** strict: true compare-and-set. coarse: the tag is the stamp in whole seconds. none: the last write wins. Default strict. */
	precondition?: 'strict' | 'coarse' | 'none';
	/** How long a coarse tag is unsafe: its tick and the longest transaction. Default 1,000. */
	settleMs?: number;
	/** Whether a write answers with version, stamp and fields. Default false. */
	versionInReplies?: boolean;
	/** Step of the stamps, default 1,000. */
	stampResolutionMs?: number;
	/** Default all. An edit of other fields leaves the stamp as it is, as some shops do. */
	stampCovers?: 'all' | readonly string[];
	/** A record that nobody changed since it was made has no stamp, as in Tryton. Default false. */
	nullStamps?: boolean;
	/** unique: a second create with the same reference is a duplicate. none: references are not kept. Default plain. */
	reference?: 'unique' | 'plain' | 'none';
	/** A reference is found only so long after its create. Default 0. */
	referenceLagMs?: number;
	/** Listings and changes show what was true so long ago. Default 0. */
	listLagMs?: number;
	/** Default true. */
	hasChanges?: boolean;
	/** Default true. */
	hasCreate?: boolean;
	/** Default 100. */
	pageSize?: number;
	/** So many records are updated in one call, all or none; default 1. */
	updatesAtOnce?: number;
	/** Each of them is updated and answered by itself. */
	updatesApart?: boolean;
	/** Longest transaction that the channel admits to, default 2,000. */
	overlapMs?: number;
	/** Field that must be unique, default `value`; null = none. */
	unique?: string | null;
	/** How far the channel's clock is ahead of ours. Default 0. */
	skewMs?: number;
	/** Words with which the channel refuses these values, or null. */
	refuses?: (fields: Fields, entity: string) => string | null;
	/** The key that credentials must have; default: any. */
	key?: string;
	/** Asked at every call, after the faults of `failNext`. */
	faultFor?: (call: MemoryCall) => Fault | undefined;
	/** Waited for on the way to the channel (after the deadline check) and on the way back. */
	pause?: (at: 'before' | 'after', call: MemoryCall) => Promise<void>;
};

/** Our fields as most channels would have them. */
export const defaultEntities: Readonly<Record<string, readonly MemoryField[]>> = {
	product: [
		{ name: 'value', type: 'text', rewrite: 'trim' },
		{ name: 'name', type: 'text', rewrite: 'trim' },
		{ name: 'description', type: 'text' },
		{ name: 'gtin', type: 'text' },
		{ name: 'price', type: 'decimal', rewrite: { round: 2 } },
		{ name: 'currency', type: 'text' },
		{ name: 'weight', type: 'decimal', rewrite: { round: 3 } },
		{ name: 'is_active', type: 'boolean' }
	],
	'business-partner': [
		{ name: 'value', type: 'text', rewrite: 'trim' },
		{ name: 'name', type: 'text', rewrite: 'trim' },
		{ name: 'email', type: 'text' },
		{ name: 'phone', type: 'text' },
		{ name: 'tax_id', type: 'text' },
		{ name: 'is_active', type: 'boolean' }
	]
};
