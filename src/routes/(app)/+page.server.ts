import { can } from '#src/auth/roles.ts';
import { channelView } from '#src/lib/server/channel-health.ts';
import { inboxCounts } from '#src/mappings/inbox-counts.ts';
import { listChannels } from '#src/mappings/list-channels.ts';
import { setUpSteps } from '#src/mappings/set-up-steps.ts';
import { listRuns } from '#src/mappings/list-runs.ts';
import type { PageServerLoad } from './$types';

const recentRuns = 8;

export const load: PageServerLoad = async ({ locals, depends }) => {
	depends('app:home');
	const [counts, channels, runs, setUp] = await Promise.all([
		inboxCounts(locals.db),
		listChannels(locals.db),
		listRuns(locals.db, { withItemsOnly: true }, { limit: recentRuns }),
		setUpSteps(locals.db)
	]);
	const now = Date.now();
	return {
		counts,
		list: channels.map((row) => channelView(row, now)),
		runs: runs.rows,
		setUp,
		mayManage: can(locals.user?.role ?? 'viewer', 'manage-channel')
	};
};
