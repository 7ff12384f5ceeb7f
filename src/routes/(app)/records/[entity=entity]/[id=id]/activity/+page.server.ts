import { journalEntries } from '#src/lib/server/journal-entry.ts';
import { listDecisions } from '#src/mappings/list-decisions.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url }) => {
	const page = await listDecisions(locals.db, {
		entity: params.entity,
		recordId: params.id,
		cursor: url.searchParams.get('after')
	});
	return {
		next: page.next,
		previous: page.previous,
		entries: await journalEntries(locals.db, params.entity, page.rows)
	};
};
