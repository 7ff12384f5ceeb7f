import { can } from '#src/auth/roles.ts';
import { channelView } from '#src/lib/server/channel-health.ts';
import { listChannels } from '#src/mappings/list-channels.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	const rows = await listChannels(locals.db);
	const now = Date.now();
	return {
		list: rows.map((row) => channelView(row, now)),
		mayManage: can(locals.user?.role ?? 'viewer', 'manage-channel')
	};
};
