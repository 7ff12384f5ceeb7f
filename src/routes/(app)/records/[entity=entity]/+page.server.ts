import { codeLabel, entityHead, entityOr404, fieldInfo, isMadeHere, rightsOf } from '#src/lib/server/entity-page.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { listRecords } from '#src/mappings/list-records.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url }) => {
	const entity = await entityOr404(locals, params.entity);
	const q = url.searchParams.get('q') ?? '';
	const page = await listRecords(locals.db, { entity: entity.name, q, cursor: url.searchParams.get('after') });
	const fields = fieldInfo(entity);
	return {
		entity: entityHead(entity),
		codeLabel: codeLabel(entity),
		nameLabel: fields.find(({ name }) => name === 'name')?.label ?? m.col_name(),
		/** Fields that the list shows beside code and name. */
		columns: (entity.listed ?? []).flatMap((name) => fields.filter((field) => field.name === name)),
		q,
		creates: isMadeHere(entity),
		arrives: entity.comesFrom === 'channel',
		...page,
		may: rightsOf(locals.user)
	};
};
