import { entities } from '#src/entities/registry.ts';
import { requireRight } from '#src/lib/server/act.ts';
import { auditObject } from '#src/lib/words/audit-words.ts';
import { listAudit } from '#src/mappings/list-audit.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url }) => {
	requireRight(locals, 'manage-users');
	const { rows, ...page } = await listAudit(locals.db, { cursor: url.searchParams.get('after') });
	return { page: { ...page, rows: rows.map((row) => ({ ...row, on: auditObject(row.object, entities) })) } };
};
