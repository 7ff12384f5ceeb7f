import { error } from '@sveltejs/kit';
import { entityNamed } from '#src/entities/registry.ts';
import { act } from '#src/lib/server/act.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { exactCountAtMost, exactSuggestions } from '#src/mappings/exact-suggestions.ts';
import { goLivePlan } from '#src/mappings/go-live-plan.ts';
import { goLive } from '#src/mappings/manage-channel.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, parent }) => {
	const entity = entityNamed(params.entity);
	const { channel } = await parent();
	const state = channel.entities.find((each) => each.entity === params.entity);
	const { channel: channelId, direction } = params;
	const [plan, exact] = await Promise.all([
		entity ? goLivePlan(locals.db, entity, { channelId, direction }) : null,
		exactSuggestions(locals.db, { channelId, entity: params.entity })
	]);
	if (!plan || !state) error(404, { message: m.channel_entity_unknown(), hint: m.channel_unknown_hint() });
	const live = params.direction === 'push' ? state.pushLive : state.pullLive;
	const begins = params.direction === 'pull' && !live && entity?.began !== undefined;
	const isSaid = state.policy.scope?.external?.some(({ field }) => field === entity?.began) ?? false;
	return {
		entity: params.entity,
		direction,
		plan,
		exact: exact.count,
		exactAtMost: exactCountAtMost,
		live,
		startsNow: begins && !isSaid
	};
};

export const actions: Actions = {
	arm: (event) =>
		act(event, 'manage-channel', async ({ actor, db }) => {
			const { channel, entity, direction } = event.params;
			const result = await goLive(db, { channelId: channel, entity, direction, actor, via: 'web' });
			if (!result.ok) return result;
			return { ok: true, flash: { tone: 'good', text: m.golive_done() }, to: `/channels/${channel}` };
		})
};
