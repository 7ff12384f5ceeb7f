import { channelList } from '#src/lib/server/channel-list.ts';
import { act, textOf } from '#src/lib/server/act.ts';
import { invalid, isId } from '#src/lib/server/form-input.ts';
import { suggestionRows } from '#src/lib/server/suggestion-rows.ts';
import { formatCount } from '#src/lib/format.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { acceptExact } from '#src/mappings/accept-exact.ts';
import { exactCountAtMost, exactSuggestions } from '#src/mappings/exact-suggestions.ts';
import { listSuggestions } from '#src/mappings/list-suggestions.ts';
import type { Actions, PageServerLoad } from './$types';

const samples = 20;
/** Links of one transaction, and of one press of the button: the rest takes another press. */
const linksAtOnce = 200;
const linksAtMost = 1_000;

export const load: PageServerLoad = async ({ locals, params, url, parent }) => {
	const { channel } = await parent();
	const { entity, shown } = channelList(locals, url, channel);
	const at = { channelId: params.channel, entity: entity.name };
	const [exact, page] = await Promise.all([
		exactSuggestions(locals.db, at),
		listSuggestions(locals.db, { ...at, exact: true, limit: samples })
	]);
	return { ...shown, exact, countAtMost: exactCountAtMost, linksAtMost, rows: suggestionRows(page.rows) };
};

export const actions: Actions = {
	accept: (event) =>
		act(event, 'link', async ({ data, actor, db }) => {
			const [entity, uptoId] = [textOf(data, 'entity'), textOf(data, 'upto')];
			if (!isId(uptoId)) return invalid('upto');
			const at = { channelId: event.params.channel, entity, uptoId, limit: linksAtOnce, actor, via: 'web' } as const;
			let [linked, refused, afterId, jobId] = [0, 0, '0' as string | null, null as string | null];
			while (afterId !== null && linked + refused < linksAtMost) {
				const result = await acceptExact(db, { ...at, afterId, jobId });
				if (!result.ok) return result;
				linked += result.linked;
				refused += result.refused;
				({ lastId: afterId, jobId } = result);
			}
			const left = afterId === null ? '' : ` ${m.exact_more()}`;
			const stayed = refused === 0 ? '' : ` ${m.exact_refused({ count: formatCount(refused) })}`;
			const text = `${m.exact_done({ count: formatCount(linked) })}${stayed}${left}`;
			const list = `/channels/${event.params.channel}/suggestions`;
			const to = `${list}${afterId === null ? '' : '/exact'}?entity=${encodeURIComponent(entity)}`;
			const undo = jobId === null ? {} : { undo: { action: `/runs/jobs/${jobId}?/undo`, fields: {} } };
			return { ok: true, flash: { tone: refused === 0 ? 'good' : 'warn', text, ...undo }, to };
		})
};
