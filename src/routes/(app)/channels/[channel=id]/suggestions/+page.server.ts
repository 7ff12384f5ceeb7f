import { channelList } from '#src/lib/server/channel-list.ts';
import { triageRows } from '#src/lib/server/triage-rows.ts';
import { exactSuggestions } from '#src/mappings/exact-suggestions.ts';
import { listSuggestions } from '#src/mappings/list-suggestions.ts';
import { judgeActions } from '../../../judge-actions.server.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url, parent }) => {
	const { channel } = await parent();
	const { entity, shown } = channelList(locals, url, channel);
	const at = { channelId: params.channel, entity: entity.name };
	const [page, exact] = await Promise.all([
		listSuggestions(locals.db, { ...at, cursor: url.searchParams.get('after') }),
		exactSuggestions(locals.db, at)
	]);
	return {
		...shown,
		exact: exact.count,
		next: page.next,
		previous: page.previous,
		triage: { rows: await triageRows(locals.db, page.rows), next: page.next }
	};
};

export const actions: Actions = judgeActions;
