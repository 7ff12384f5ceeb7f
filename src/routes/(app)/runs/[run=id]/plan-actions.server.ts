import type { RequestEvent } from '@sveltejs/kit';
import { m } from '#src/lib/paraglide/messages.js';
import { act, idOf } from '#src/lib/server/act.ts';
import { unreachableRefusal } from '#src/lib/server/engine-actions.ts';
import { good } from '#src/lib/server/form-input.ts';
import { leaveOut as leaveItemOut } from '#src/mappings/leave-out.ts';

const leave = (leftOut: boolean) => (event: RequestEvent) =>
	act(event, 'run', async ({ data, actor, db }) => {
		const at = { runId: event.params.run ?? '', itemIds: [idOf(data, 'item')] };
		const result = await leaveItemOut(db, { ...at, leftOut, actor, via: 'web' });
		if (!result.ok) return result;
		return good(leftOut ? m.plan_left_out_now() : m.plan_taken_in_now());
	});

/** `?/leaveOut`: the plan is carried out without this record. Fields: item. */
export const leaveOut = leave(true);

/** `?/takeIn`: it takes part again. Fields: item. */
export const takeIn = leave(false);

/** `?/apply`: carries the plan out, but for what was left out, then goes to the run that does it. */
export const apply = (event: RequestEvent) =>
	act(event, 'run', async ({ locals }) => {
		const answer = await locals.engine.applyRun(event.params.run ?? '');
		if (!answer.ok) return unreachableRefusal(answer);
		return { ok: true, flash: { tone: 'info', text: m.plan_applying() }, to: `/runs/${answer.data.id}` };
	});
