import { m } from '../paraglide/messages.js';

const words: Readonly<Record<string, () => string>> = {
	is: m.scope_is,
	'is-not': m.scope_is_not,
	'starts-with': m.scope_starts_with,
	contains: m.scope_contains,
	'is-empty': m.scope_is_empty,
	'is-not-empty': m.scope_is_not_empty,
	greater: m.scope_greater,
	less: m.scope_less
};

const ofMoments: Readonly<Record<string, () => string>> = { greater: m.scope_after, less: m.scope_before };

/** What a condition says about a field: "starts with". */
export function operatorWords(operator: string, type?: string): string {
	if (type === 'time' && ofMoments[operator]) return ofMoments[operator]();
	return words[operator]?.() ?? operator;
}

/** How many conditions a scope has, in words. */
export function scopeCountWords(
	scope: { internal?: readonly unknown[] | undefined; external?: readonly unknown[] | undefined } = {}
) {
	const count = (scope.internal?.length ?? 0) + (scope.external?.length ?? 0);
	return count === 0 ? m.scope_card_all() : m.scope_card_some({ count });
}
