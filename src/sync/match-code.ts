import type { Value } from './fields.ts';

/**
 * A code as people respell it: letters and digits only, lower case ("AB-12 / x" -> "ab12x"). Null where nothing is left.
 * The SQL function match_code() says the same.
 */
export function matchCode(value: Value): string | null {
	if (typeof value !== 'string') return null;
	const code = value.toLowerCase().replace(/[^a-z0-9]/g, '');
	return code === '' ? null : code;
}
