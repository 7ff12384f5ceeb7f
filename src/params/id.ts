import type { ParamMatcher } from '@sveltejs/kit';

/** An id of ours: a positive bigint as text. */
export const match = ((param): param is string => /^[1-9]\d{0,17}$/.test(param)) satisfies ParamMatcher;
