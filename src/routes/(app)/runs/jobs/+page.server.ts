import { listBulkJobs } from '#src/mappings/list-bulk-jobs.ts';
import { rightsOf } from '#src/lib/server/entity-page.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url, depends }) => {
	depends('app:jobs');
	const page = await listBulkJobs(locals.db, { cursor: url.searchParams.get('after') });
	return { page, may: rightsOf(locals.user) };
};
