import { channelList } from '#src/lib/server/channel-list.ts';
import { suggestionRows } from '#src/lib/server/suggestion-rows.ts';
import { listSuggestions } from '#src/mappings/list-suggestions.ts';
import type { Actions, PageServerLoad } from './$types';
import { accept, reject } from '../../../link-actions.server.ts';

export const load: PageServerLoad = async ({ locals, params, url, parent }) => {
	const { channel } = await parent();
	const { entity, shown } = channelList(locals, url, channel);
	const page = await listSuggestions(locals.db, {
		channelId: params.channel,
		entity: entity.name,
		cursor: url.searchParams.get('after')
	});
	return { ...shown, next: page.next, previous: page.previous, rows: suggestionRows(page.rows) };
};

export const actions: Actions = { accept, reject };
