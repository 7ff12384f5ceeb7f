import { channelList } from '#src/lib/server/channel-list.ts';
import { linkCounts, pastedLinkCounts } from '#src/mappings/link-counts.ts';
import { listLinks } from '#src/mappings/list-links.ts';
import { newestLink } from '#src/mappings/preview-bulk-job.ts';
import { paste, pastedListOf } from '../pasted-list.server.ts';
import { bulk } from './bulk-actions.server.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url, parent }) => {
	const { channel } = await parent();
	const { entity, shown } = channelList(locals, url, channel);
	const q = url.searchParams.get('q') ?? '';
	const at = { channelId: params.channel, entity: entity.name };
	const pasted = await pastedListOf({ locals, url }, { channelId: params.channel, entity, place: 'linked' });
	const { total, byStatus } = pasted
		? await pastedLinkCounts(locals.db, { channelId: params.channel, entity, listId: pasted.id })
		: await linkCounts(locals.db, at);
	const counts = Object.entries(byStatus).map(([status, links]) => ({ status, links }));
	const status = counts.find((known) => known.status === url.searchParams.get('status'))?.status ?? null;
	const cursor = url.searchParams.get('after');
	const page = await listLinks(locals.db, { ...at, status, q, listId: pasted?.id ?? null, cursor });
	const all = url.searchParams.get('select') === 'all' && page.rows.length > 0;
	return {
		...shown,
		q,
		pasted,
		/** Everything that matches is selected; links made after this one take no part. */
		uptoId: all ? await newestLink(locals.db, entity, params.channel) : null,
		status,
		next: page.next,
		previous: page.previous,
		total,
		counts,
		rows: page.rows.map((row) => ({
			...row,
			value: row.value ?? row.internalId,
			name: row.name ?? '',
			external: row.variantId === '' ? row.externalId : `${row.externalId} / ${row.variantId}`
		}))
	};
};

export const actions: Actions = { bulk, paste };
