import { channelView } from '#src/lib/server/channel-health.ts';
import { inboxCounts } from '#src/mappings/inbox-counts.ts';
import { listChannels } from '#src/mappings/list-channels.ts';
import { listRuns } from '#src/mappings/list-runs.ts';
import type { PageServerLoad } from './$types';

const recentRuns = 8;

export const load: PageServerLoad = async ({ locals, depends }) => {
	depends('app:home');
	const [counts, channels, runs] = await Promise.all([
		inboxCounts(locals.db),
		listChannels(locals.db),
		listRuns(locals.db, { withItemsOnly: true }, { limit: recentRuns })
	]);
	const now = Date.now();
	return { counts, list: channels.map((row) => channelView(row, now)), runs: runs.rows };
};
