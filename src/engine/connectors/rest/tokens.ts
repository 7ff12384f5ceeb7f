import type { CallOptions } from '../connector.ts';

/** What calls carry until it runs out. Never stored, never logged. */
export type Token = { headers: Record<string, string>; secrets: readonly string[] };

/** Holds one token, and gets another when it was given up. */
export type Tokens = {
	/** `isNew`: it was got for this call. Throws what getting one throws. */
	get(options: CallOptions | undefined): Promise<{ token: Token; isNew: boolean }>;
	/** Gives a token up, unless another one took its place meanwhile. */
	forget(token: Token): void;
	held(): Token | null;
	secrets(): readonly string[];
};

/** Calls that come while a token is on its way wait for that one: a channel sees one login, not twenty. */
export function createTokens(fetch: (options: CallOptions | undefined) => Promise<Token>): Tokens {
	let held: Token | null = null;
	let coming: Promise<Token> | null = null;
	// A reply may still echo what was given up.
	let secrets: readonly string[] = [];
	return {
		async get(options) {
			if (held) return { token: held, isNew: false };
			if (coming) {
				const shared = await coming.catch(() => null);
				if (shared) return { token: shared, isNew: true };
			}
			coming = fetch(options);
			try {
				held = await coming;
			} finally {
				coming = null;
			}
			secrets = [...new Set([...secrets, ...held.secrets])].slice(-20);
			return { token: held, isNew: true };
		},
		forget(token) {
			if (held === token) held = null;
		},
		held: () => held,
		secrets: () => secrets
	};
}
