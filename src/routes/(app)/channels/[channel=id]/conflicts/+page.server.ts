import { channelList } from '#src/lib/server/channel-list.ts';
import { aboutChannel, conflictFilter, conflictList } from '#src/lib/server/conflict-list.ts';
import { applyChoices } from '../../../conflict-actions.server.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url, parent }) => {
	const { channel } = await parent();
	const { entity, shown } = channelList(locals, url, channel);
	const within = { channelId: params.channel, entity: entity.name };
	const list = await conflictList(locals.db, url, { ...conflictFilter(url), ...within }, within);
	return { ...shown, list: aboutChannel(list, channel.name) };
};

export const actions: Actions = { applyChoices };
