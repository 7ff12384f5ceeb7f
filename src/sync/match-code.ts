import type { Value } from './fields.ts';

/**
 * A code as people respell it: ASCII letters in lower case, without the spaces, dashes and signs that are typed in between
 * ("AB-12 / x" -> "ab12x"); letters of other scripts stay as they are. Null where nothing is left.
 * The SQL function match_code() says the same for every text: both are spelled out, so that no locale has a say.
 */
export function matchCode(value: Value): string | null {
	if (typeof value !== 'string') return null;
	// Of ASCII alone, toLowerCase() makes the same in one step.
	const lower = isAscii(value) ? value.toLowerCase() : value.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
	const code = lower.replace(between, '');
	return code === '' ? null : code;
}

const isAscii = (text: string) => /^[\0-\x7f]*$/.test(text);

/** All of ASCII and Latin-1 but letters and digits, general punctuation, minus sign, ideographic space, byte order mark. */
// eslint-disable-next-line no-control-regex -- control characters are noise in a code as well
const between = /[\u0001-\u002f\u003a-\u0060\u007b-\u00bf\u00d7\u00f7\u2000-\u206f\u2212\u3000\ufeff]/g;
