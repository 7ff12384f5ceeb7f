import type { ParamMatcher } from '@sveltejs/kit';

/** The shape of an entity's name; whether there is such an entity, the page's load says. */
export const match = ((param): param is string => /^[a-z][a-z0-9-]{0,62}$/.test(param)) satisfies ParamMatcher;
