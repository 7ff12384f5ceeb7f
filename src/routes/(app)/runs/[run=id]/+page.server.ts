import { error } from '@sveltejs/kit';
import { can } from '#src/auth/roles.ts';
import type { Entity } from '#src/entities/entity.ts';
import { act } from '#src/lib/server/act.ts';
import { fieldShown } from '#src/lib/server/conflict-rows.ts';
import { startRun, unreachableRefusal } from '#src/lib/server/engine-actions.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { entityIn } from '#src/mappings/entities-now.ts';
import { withLinked } from '#src/mappings/linked-runs.ts';
import { listHolds } from '#src/mappings/list-holds.ts';
import { listRunCauses, listRunItems, type RunItemRow } from '#src/mappings/list-run-items.ts';
import { referenceNames } from '#src/mappings/reference-names.ts';
import { readPlan } from '#src/mappings/read-plan.ts';
import { readRun } from '#src/mappings/read-run.ts';
import { outcomes, type Outcome } from '#src/sync/outcome.ts';
import { apply, leaveOut, takeIn } from './plan-actions.server.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url, depends }) => {
	depends('app:run');
	const found = await readRun(locals.db, { id: params.run });
	const [run] = await withLinked(locals.db, found ? [found] : []);
	const entity = run && (await entityIn(locals.db, run.entity));
	if (!run || !entity) error(404, { message: m.run_unknown(), hint: m.run_unknown_hint() });
	const asked = url.searchParams.get('outcome');
	const outcome = outcomes.find((each): each is Outcome => each === asked);
	const [items, causes, plan, holds] = await Promise.all([
		listRunItems(locals.db, entity, { runId: run.id, outcome }, { cursor: url.searchParams.get('after') }),
		listRunCauses(locals.db, { runId: run.id }),
		run.mode === 'preview' ? readPlan(locals.db, { runId: run.id }) : null,
		run.state === 'held' ? holdsOf(locals.db, run) : []
	]);
	return {
		run,
		plan,
		/** What of it waits for a person still. */
		holds,
		items: { ...items, rows: await withChanges(locals.db, entity, run.channelId, items.rows) },
		causes,
		outcome: outcome ?? null,
		fieldLabels: Object.fromEntries(entity.fields.map((field) => [field.name, field.label])),
		mayRun: can(locals.user?.role ?? 'viewer', 'run')
	};
};

/** What waits because of this run, or because of an earlier one that holds this one, too. */
async function holdsOf(
	db: App.Locals['db'],
	{ id, channelId, entity }: { id: string; channelId: string; entity: string }
) {
	const open = (await listHolds(db, { channelId })).filter((hold) => hold.entity === entity);
	const own = open.filter(({ runId }) => runId === id);
	return own.length > 0 ? own : open;
}

type PlannedChange = NonNullable<RunItemRow['plan']>['changes'][number];

/** What would be written, with words for the fields and names for what references point to. */
async function withChanges(db: App.Locals['db'], entity: Entity, channelId: string, rows: readonly RunItemRow[]) {
	// Where a person is asked, `before` is our value and `after` the channel's.
	const sideOf = (change: PlannedChange, asked: 'internal' | 'external') =>
		change.side === 'ask' ? asked : change.side;
	const valuesOf = (change: PlannedChange) => {
		const at = { entity: entity.name, field: change.field, channelId };
		return {
			before: { ...at, side: sideOf(change, 'internal'), value: change.before },
			after: { ...at, side: sideOf(change, 'external'), value: change.after }
		};
	};
	const changes = rows.flatMap(({ plan }) => plan?.changes ?? []);
	const nameOf = await referenceNames(
		db,
		changes.flatMap((change) => Object.values(valuesOf(change)))
	);
	return rows.map((row) => ({
		...row,
		changes: (row.plan?.changes ?? []).map((change) => ({
			field: change.field,
			side: change.side,
			before: nameOf(valuesOf(change).before),
			after: nameOf(valuesOf(change).after),
			...fieldShown([entity], entity.name, change.field)
		}))
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
