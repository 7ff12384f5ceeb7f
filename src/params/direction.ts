import type { ParamMatcher } from '@sveltejs/kit';

/** A direction of sync: push = to the channel, pull = from it. */
export const match = ((param): param is 'push' | 'pull' => param === 'push' || param === 'pull') satisfies ParamMatcher;
