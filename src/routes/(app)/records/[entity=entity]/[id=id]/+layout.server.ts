import { error } from '@sveltejs/kit';
import { entityHead, entityOr404, fieldInfo, fieldLabels, rightsOf } from '#src/lib/server/entity-page.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { linkedChannels } from '#src/mappings/linked-channels.ts';
import { readRecord } from '#src/mappings/read-record.ts';
import { withCodes } from '#src/mappings/reference-names.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async ({ locals, params }) => {
	const entity = await entityOr404(locals, params.entity);
	const record = await readRecord(locals.db, { entity, id: params.id });
	if (!record) {
		error(404, {
			message: m.record_unknown({ one: entity.label.one.toLowerCase(), id: params.id }),
			hint: m.record_unknown_hint()
		});
	}
	const { id, rev, fields, createdAt, updatedAt } = record;
	return {
		entity: entityHead(entity),
		fieldInfo: fieldInfo(entity),
		labels: fieldLabels(entity),
		record: {
			id,
			rev,
			fields,
			/** With references as the code of what they point to. */
			shown: await withCodes(locals.db, entity, fields),
			createdAt,
			updatedAt,
			value: String(fields['value'] ?? ''),
			name: String(fields['name'] ?? ''),
			isActive: fields['is_active'] !== false
		},
		linked: await linkedChannels(locals.db, { entity: entity.name, id }),
		may: rightsOf(locals.user)
	};
};
