import { channelList } from '#src/lib/server/channel-list.ts';
import { conflictRows } from '#src/lib/server/conflict-rows.ts';
import { listConflicts } from '#src/mappings/list-conflicts.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url, parent }) => {
	const { channel } = await parent();
	const { entity, shown } = channelList(locals, url, channel);
	const page = await listConflicts(locals.db, {
		state: 'open',
		channelId: params.channel,
		entity: entity.name,
		cursor: url.searchParams.get('after')
	});
	return { ...shown, next: page.next, previous: page.previous, rows: conflictRows(page.rows) };
};
