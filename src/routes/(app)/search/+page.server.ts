import { searchEverything } from '#src/mappings/search-everything.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url }) => {
	const q = url.searchParams.get('q')?.trim().slice(0, 200) ?? '';
	const { records, links, externals } = await searchEverything(locals.db, { q });
	// A channel's record that is linked shows up as its link.
	const free = externals.filter(({ linkId }) => linkId === null);
	const linked = externals.filter(({ linkId }) => linkId !== null && !links.some(({ id }) => id === linkId));
	return { q, records, links, linked, free };
};
