import { channelList } from '#src/lib/server/channel-list.ts';
import { listUnlinkedExternal } from '#src/mappings/list-unlinked-external.ts';
import { listUnlinkedInternal, type ListUnlinkedInput } from '#src/mappings/list-unlinked-internal.ts';
import { countAtMost, unlinkedCounts } from '#src/mappings/unlinked-counts.ts';
import { exclude, include } from '../../../exclusion-actions.server.ts';
import { paste, pastedListOf } from '../pasted-list.server.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url, parent }) => {
	const { channel } = await parent();
	const { entity, shown } = channelList(locals, url, channel);
	const side = url.searchParams.get('side') === 'external' ? 'external' : 'internal';
	const excluded = url.searchParams.get('excluded') === 'yes';
	const outside = !excluded && url.searchParams.get('outside') === 'yes';
	const q = url.searchParams.get('q') ?? '';
	const at = { channelId: params.channel, entity: entity.name };
	const place = excluded ? (`${side}-excluded` as const) : outside ? (`${side}-outside` as const) : side;
	const pasted = await pastedListOf({ locals, url }, { channelId: params.channel, entity, place });
	const listId = pasted?.id ?? null;
	const filter = { ...at, excluded, outside, q, listId, cursor: url.searchParams.get('after') };
	const [page, counts] = await Promise.all([
		side === 'internal' ? unlinkedInternal(locals, filter) : unlinkedExternal(locals, filter),
		unlinkedCounts(locals.db, { ...at, listId })
	]);
	return { ...shown, side, excluded, outside, q, pasted, counts, countAtMost, ...page };
};

async function unlinkedInternal(locals: App.Locals, filter: ListUnlinkedInput) {
	const page = await listUnlinkedInternal(locals.db, filter);
	const rows = page.rows.map(({ id, value, name, suggested, intent, awaiting, exclusion }) => ({
		key: id,
		internalId: id,
		externalId: null,
		variantId: '',
		value,
		name,
		external: '',
		url: null,
		suggested,
		creating: intent !== null,
		awaiting,
		exclusion
	}));
	return { ...page, rows };
}

async function unlinkedExternal(locals: App.Locals, filter: ListUnlinkedInput) {
	const page = await listUnlinkedExternal(locals.db, filter);
	const rows = page.rows.map(({ externalId, variantId, value, name, url, suggested, awaiting, exclusion }) => ({
		key: `${externalId}/${variantId}`,
		internalId: null,
		externalId,
		variantId,
		value: value ?? externalId,
		name: name ?? '',
		external: variantId === '' ? externalId : `${externalId} / ${variantId}`,
		url,
		suggested,
		creating: false,
		awaiting,
		exclusion
	}));
	return { ...page, rows };
}

export const actions: Actions = { exclude, include, paste };
