import { error } from '@sveltejs/kit';
import { can } from '#src/auth/roles.ts';
import { channelView } from '#src/lib/server/channel-health.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { failedRuns } from '#src/mappings/failed-runs.ts';
import { readChannel } from '#src/mappings/read-channel.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async ({ locals, params, depends, url }) => {
	depends('app:channel');
	// Counts and health in the head of the page are those of now on each of its tabs.
	void url.pathname;
	const found = await readChannel(locals.db, { channelId: params.channel });
	if (!found) error(404, { message: m.channel_unknown(), hint: m.channel_unknown_hint() });
	const synced = (await locals.syncStatus.statusOf()).channels[found.id];
	const lag = Object.entries(synced?.entities ?? {}).map(([entity, { lagSeconds }]) => [entity, lagSeconds] as const);
	const role = locals.user?.role ?? 'viewer';
	return {
		channel: channelView(found, Date.now()),
		failed: await failedRuns(locals.db, { channelId: found.id }),
		/** Age in seconds of the oldest change not delivered, by entity; null = nothing waits. Empty while the engine is away. */
		lag: Object.fromEntries(lag) as Record<string, number | null>,
		mayManage: can(role, 'manage-channel'),
		mayRun: can(role, 'run')
	};
};
