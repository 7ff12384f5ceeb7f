import { act, textOf } from '#src/lib/server/act.ts';
import { startRun, unreachableRefusal } from '#src/lib/server/engine-actions.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { listHolds } from '#src/mappings/list-holds.ts';
import { listRuns } from '#src/mappings/list-runs.ts';
import type { Actions, PageServerLoad } from './$types';

const recentRuns = 10;

export const load: PageServerLoad = async ({ locals, params, depends }) => {
	depends('app:channel');
	const [holds, runs] = await Promise.all([
		listHolds(locals.db, { channelId: params.channel }),
		listRuns(locals.db, { channelId: params.channel, withItemsOnly: true }, { limit: recentRuns })
	]);
	return { holds, runs: runs.rows };
};

export const actions: Actions = {
	run: (event) =>
		act(event, 'run', ({ data, locals }) =>
			startRun(locals, {
				channelId: event.params.channel,
				entity: textOf(data, 'entity'),
				mode: textOf(data, 'mode') === 'full' ? 'full' : 'incremental'
			})
		),
	test: (event) =>
		act(event, 'run', async ({ locals }) => {
			const answer = await locals.engine.probe(event.params.channel);
			if (!answer.ok) return unreachableRefusal(answer);
			const { reached, message, hint } = answer.data;
			if (!reached) return { ok: false, kind: 'channel', message: m.channel_test_failed({ message }), hint };
			return { ok: true, flash: { tone: 'good', text: m.channel_test_ok() } };
		})
};
