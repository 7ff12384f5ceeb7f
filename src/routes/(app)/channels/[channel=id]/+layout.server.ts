import { error } from '@sveltejs/kit';
import { can } from '#src/auth/roles.ts';
import { channelView } from '#src/lib/server/channel-health.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { readChannel } from '#src/mappings/read-channel.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async ({ locals, params, depends }) => {
	depends('app:channel');
	const found = await readChannel(locals.db, { channelId: params.channel });
	if (!found) error(404, { message: m.channel_unknown(), hint: m.channel_unknown_hint() });
	const role = locals.user?.role ?? 'viewer';
	return {
		channel: channelView(found, Date.now()),
		mayManage: can(role, 'manage-channel'),
		mayRun: can(role, 'run')
	};
};
