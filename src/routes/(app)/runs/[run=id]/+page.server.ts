import { error } from '@sveltejs/kit';
import { can } from '#src/auth/roles.ts';
import type { Entity } from '#src/entities/entity.ts';
import { act } from '#src/lib/server/act.ts';
import { fieldShown } from '#src/lib/server/conflict-rows.ts';
import { startRun, unreachableRefusal } from '#src/lib/server/engine-actions.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { entityIn } from '#src/mappings/entities-now.ts';
import { listHolds } from '#src/mappings/list-holds.ts';
import { listRunCauses, listRunItems, type RunItemRow } from '#src/mappings/list-run-items.ts';
import { readPlan } from '#src/mappings/read-plan.ts';
import { readRun } from '#src/mappings/read-run.ts';
import { outcomes, type Outcome } from '#src/sync/outcome.ts';
import { apply, leaveOut, takeIn } from './plan-actions.server.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url, depends }) => {
	depends('app:run');
	const run = await readRun(locals.db, { id: params.run });
	const entity = run && (await entityIn(locals.db, run.entity));
	if (!run || !entity) error(404, { message: m.run_unknown(), hint: m.run_unknown_hint() });
	const asked = url.searchParams.get('outcome');
	const outcome = outcomes.find((each): each is Outcome => each === asked);
	const [items, causes, plan, holds] = await Promise.all([
		listRunItems(locals.db, entity, { runId: run.id, outcome }, { cursor: url.searchParams.get('after') }),
		listRunCauses(locals.db, { runId: run.id }),
		run.mode === 'preview' ? readPlan(locals.db, { runId: run.id }) : null,
		run.state === 'held' ? listHolds(locals.db, { runId: run.id }) : []
	]);
	return {
		run,
		plan,
		/** What of it waits for a person still. */
		holds,
		items: { ...items, rows: items.rows.map((row) => ({ ...row, changes: changesShown(entity, row.plan) })) },
		causes,
		outcome: outcome ?? null,
		fieldLabels: Object.fromEntries(entity.fields.map((field) => [field.name, field.label])),
		mayRun: can(locals.user?.role ?? 'viewer', 'run')
	};
};

/** What would be written, with words for the fields. */
function changesShown(entity: Entity, plan: RunItemRow['plan']) {
	return (plan?.changes ?? []).map(({ field, side, before, after }) => ({
		field,
		side,
		before,
		after,
		...fieldShown([entity], entity.name, field)
	}));
}

export const actions: Actions = {
	leaveOut,
	takeIn,
	apply,
	cancel: (event) =>
		act(event, 'run', async ({ locals }) => {
			const answer = await locals.engine.cancelRun(event.params.run);
			if (!answer.ok) return unreachableRefusal(answer);
			return { ok: true, flash: { tone: 'info', text: m.run_cancelling() } };
		}),
	again: (event) =>
		act(event, 'run', async ({ locals }) => {
			const run = await readRun(locals.db, { id: event.params.run });
			if (!run) error(404, { message: m.run_unknown(), hint: m.run_unknown_hint() });
			return startRun(locals, {
				channelId: run.channelId,
				entity: run.entity,
				mode: run.mode === 'full' || run.mode === 'preview' ? run.mode : 'incremental'
			});
		})
};
