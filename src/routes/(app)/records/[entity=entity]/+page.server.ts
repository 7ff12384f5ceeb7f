import { codeLabel, entityHead, entityOr404, isMadeHere, rightsOf } from '#src/lib/server/entity-page.ts';
import { listRecords } from '#src/mappings/list-records.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url }) => {
	const entity = await entityOr404(locals, params.entity);
	const q = url.searchParams.get('q') ?? '';
	const page = await listRecords(locals.db, { entity: entity.name, q, cursor: url.searchParams.get('after') });
	return {
		entity: entityHead(entity),
		codeLabel: codeLabel(entity),
		q,
		creates: isMadeHere(entity),
		arrives: entity.comesFrom === 'channel',
		...page,
		may: rightsOf(locals.user)
	};
};
