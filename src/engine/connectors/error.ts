import { beginning } from './plain-text.ts';

/** What went wrong with a channel, as far as the engine must act differently on it. */
export type ConnectorErrorKind =
	/** No answer, or an answer that says "later" (5xx). The effect of a write is unknown. */
	| 'unreachable'
	/** Asked to slow down; `retryAfterMs` says for how long. Nothing was done. */
	| 'rate-limited'
	/** Credentials refused. Stops the run. */
	| 'unauthorized'
	/** The record does not exist there. */
	| 'missing'
	/** The channel refuses these values; another try with the same values is pointless. */
	| 'rejected'
	/** The precondition failed: somebody changed the record since we read it. Nothing was written. */
	| 'conflict'
	/** A unique key is taken there. Nothing was created. */
	| 'duplicate'
	/** More than one record where there must be one. */
	| 'ambiguous'
	/** The answer is not what the contract says (schema drift, broken JSON). */
	| 'invalid-reply'
	/** Settings are wrong. Stops the run. */
	| 'misconfigured'
	/** The send deadline passed before the request went out. Nothing was sent. */
	| 'expired';

export type ConnectorErrorOptions = {
	/** One sentence an operator can act on. */
	hint: string;
	retryAfterMs?: number;
	/** The channel's own words, at most 500 characters, without secrets. */
	reply?: string;
	/** Why there was no answer: the system's own word, such as ENOTFOUND or CERT_HAS_EXPIRED. */
	code?: string;
	cause?: unknown;
};

const longestHint = 1000;
const longestReply = 500;

/**
 * The only error a connector throws on purpose. The engine turns it into an outcome; anything else is a bug. Whatever
 * of the channel's words got into hint and reply is cut to what can be shown and stored.
 */
export class ConnectorError extends Error {
	override readonly name = 'ConnectorError';
	readonly kind: ConnectorErrorKind;
	readonly hint: string;
	readonly retryAfterMs: number | undefined;
	readonly reply: string | undefined;
	readonly code: string | undefined;

	constructor(kind: ConnectorErrorKind, options: ConnectorErrorOptions) {
		const hint = beginning(options.hint, longestHint);
		super(`${kind}: ${hint}`, { cause: options.cause });
		this.kind = kind;
		this.hint = hint;
		this.retryAfterMs = options.retryAfterMs;
		this.code = options.code;
		this.reply = options.reply === undefined ? undefined : beginning(options.reply, longestReply);
	}
}

/** Whether the run must stop because every further call would fail the same way. */
export function stopsRun(kind: ConnectorErrorKind): boolean {
	return kind === 'unauthorized' || kind === 'misconfigured' || kind === 'unreachable' || kind === 'rate-limited';
}
