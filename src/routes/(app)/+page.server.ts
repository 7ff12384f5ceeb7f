import { can } from '#src/auth/roles.ts';
import { channelView } from '#src/lib/server/channel-health.ts';
import { exactSuggestions, guideSteps } from '#src/mappings/guide-steps.ts';
import { inboxCounts } from '#src/mappings/inbox-counts.ts';
import { listChannels } from '#src/mappings/list-channels.ts';
import { setUpSteps } from '#src/mappings/set-up-steps.ts';
import { withLinked } from '#src/mappings/linked-runs.ts';
import { listRuns } from '#src/mappings/list-runs.ts';
import type { PageServerLoad } from './$types';

const recentRuns = 8;

export const load: PageServerLoad = async ({ locals, depends }) => {
	depends('app:home');
	const [counts, channels, runs, setUp, guide] = await Promise.all([
		inboxCounts(locals.db),
		listChannels(locals.db),
		listRuns(locals.db, { withItemsOnly: true }, { limit: recentRuns }),
		setUpSteps(locals.db),
		guideOf(locals)
	]);
	const now = Date.now();
	return {
		counts,
		list: channels.map((row) => channelView(row, now)),
		runs: await withLinked(locals.db, runs.rows),
		setUp,
		guide,
		mayManage: can(locals.user?.role ?? 'viewer', 'manage-channel')
	};
};

/** The guided path, in the demo only. */
async function guideOf({ db, config: { DEMO_ERP_URL: erpUrl, DEMO_SHOP_URL: shopUrl } }: App.Locals) {
	if (!erpUrl || !shopUrl) return null;
	const guide = await guideSteps(db, { erpUrl, shopUrl });
	return guide && { ...guide, erpUrl, exact: exactSuggestions };
}
