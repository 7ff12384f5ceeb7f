import { act, requireRight } from '#src/lib/server/act.ts';
import { unreachableRefusal } from '#src/lib/server/engine-actions.ts';
import { invalid } from '#src/lib/server/form-input.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { entitiesIn } from '#src/mappings/entities-now.ts';
import { addChannelEntities } from '#src/mappings/manage-channel.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, parent }) => {
	requireRight(locals, 'manage-channel');
	const [{ channel }, answer, entities] = await Promise.all([
		parent(),
		locals.engine.resources(params.channel),
		entitiesIn(locals.db)
	]);
	if (!answer.ok) return { offers: [], problem: unreachableRefusal(answer) };
	const carried = new Set(channel.entities.map(({ entity }) => entity));
	const offers = answer.data.flatMap((resource) => {
		const entity = entities.find(({ name }) => name === resource.entity);
		if (!entity) return [];
		const label = (field: string) => entity.fields.find(({ name }) => name === field)?.label ?? field;
		const has = (field: string) => resource.fields.some(({ name }) => name === field);
		return [
			{
				name: entity.name,
				label: entity.label.many,
				carried: carried.has(entity.name),
				chosen: carried.size === 0 || carried.has(entity.name),
				fields: resource.fields.map(({ name, label: theirs, readOnly }) => ({ ours: label(name), theirs, readOnly })),
				keys: (entity.keyFields ?? entity.matchKeys).filter(has).map(label),
				updates: resource.updates,
				creates: resource.creates
			}
		];
	});
	return { offers, problem: null };
};

export const actions: Actions = {
	add: (event) =>
		act(event, 'manage-channel', async ({ data, actor, db, locals }) => {
			const channelId = event.params.channel;
			const chosen = data.getAll('entity').filter((each) => typeof each === 'string');
			const answer = await locals.engine.resources(channelId);
			if (!answer.ok) return unreachableRefusal(answer);
			if (chosen.length === 0) {
				return { ok: false, kind: 'invalid', message: m.setup_records_none(), hint: m.setup_records_none_hint() };
			}
			if (!chosen.every((name) => answer.data.some(({ entity }) => entity === name))) return invalid('entity');
			const result = await addChannelEntities(db, { channelId, entities: chosen, actor, via: 'web' });
			if (!result.ok) return result;
			// A run under way or still to come does the same: only the waiting is shorter.
			await Promise.all(result.added.map((entity) => locals.engine.startRun({ channelId, entity, mode: 'full' })));
			return {
				ok: true,
				flash: { tone: 'good', text: m.setup_records_added() },
				to: `/channels/${channelId}/setup/scope`
			};
		})
};
