import { entityNamed } from '#src/entities/registry.ts';
import { act, requireRight } from '#src/lib/server/act.ts';
import { fieldLabels } from '#src/lib/server/entity-page.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { anyFirstContact } from '#src/mappings/first-contact.ts';
import { endSetUp } from '#src/mappings/manage-channel.ts';
import { preFlight } from '#src/mappings/pre-flight.ts';
import { readRun } from '#src/mappings/read-run.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, parent, depends }) => {
	depends('app:first-run');
	requireRight(locals, 'read');
	const { channel } = await parent();
	const found = await Promise.all(
		channel.entities.map(async (state) => {
			const entity = entityNamed(state.entity);
			if (!entity) return [];
			const at = { channelId: channel.id, entity: entity.name };
			const [flight, run, differs] = await Promise.all([
				preFlight(locals.db, entity, at),
				state.lastRun && readRun(locals.db, { id: state.lastRun.id }),
				anyFirstContact(locals.db, at)
			]);
			return [
				{
					name: entity.name,
					label: entity.label.many,
					labels: fieldLabels(entity),
					flight,
					run,
					differs,
					compared: state.sweptAt !== null,
					live: state.pushLive || state.pullLive
				}
			];
		})
	);
	return { found: found.flat() };
};

export const actions: Actions = {
	end: (event) =>
		act(event, 'manage-channel', async ({ actor, db }) => {
			const channelId = event.params.channel;
			const result = await endSetUp(db, { channelId, actor, via: 'web' });
			if (!result.ok) return result;
			return { ok: true, flash: { tone: 'good', text: m.checklist_away() } };
		})
};
