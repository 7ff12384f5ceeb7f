import { codeLabel, entityHead, entityOr404, rightsOf } from '#src/lib/server/entity-page.ts';
import { listRecords } from '#src/mappings/list-records.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url }) => {
	const entity = await entityOr404(locals, params.entity);
	const q = url.searchParams.get('q') ?? '';
	const page = await listRecords(locals.db, { entity: entity.name, q, cursor: url.searchParams.get('after') });
	const creates = entity.source?.creates ?? true;
	return { entity: entityHead(entity), codeLabel: codeLabel(entity), q, creates, ...page, may: rightsOf(locals.user) };
};
