import { requireRight } from '#src/lib/server/act.ts';
import { listAudit } from '#src/mappings/list-audit.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url }) => {
	requireRight(locals, 'manage-users');
	return { page: await listAudit(locals.db, { cursor: url.searchParams.get('after') }) };
};
