import { fail, type RequestEvent } from '@sveltejs/kit';
import { z } from 'zod';
import { channelList } from '#src/lib/server/channel-list.ts';
import { done, refuse, requireRight, textOf } from '#src/lib/server/act.ts';
import { invalid, isId } from '#src/lib/server/form-input.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { acceptSuggestion } from '#src/mappings/accept-suggestion.ts';
import { bestSuggestions, type BestSuggestion } from '#src/mappings/best-suggestions.ts';
import { linkRecords } from '#src/mappings/link-records.ts';
import { listUnlinkedExternal } from '#src/mappings/list-unlinked-external.ts';
import { listUnlinkedInternal } from '#src/mappings/list-unlinked-internal.ts';
import { recordLinks } from '#src/mappings/record-links.ts';
import { readRecord } from '#src/mappings/read-record.ts';
import { undoLink } from '../../../undo-link.ts';
import type { Actions, PageServerLoad } from './$types';

const shownRows = 25;

export const load: PageServerLoad = async ({ locals, params, url, parent }) => {
	const { channel } = await parent();
	const { entity, shown } = channelList(locals, url, channel);
	const query = (name: string) => url.searchParams.get(name) ?? '';
	const at = { channelId: params.channel, entity: entity.name };
	const picked = isId(query('ours')) ? query('ours') : null;
	const [ours, theirs, record] = await Promise.all([
		listUnlinkedInternal(locals.db, { ...at, q: query('oursText'), cursor: query('oursAfter'), limit: shownRows }),
		listUnlinkedExternal(locals.db, { ...at, q: query('theirsText'), cursor: query('theirsAfter'), limit: shownRows }),
		picked === null ? null : readRecord(locals.db, { entity: entity.name, id: picked })
	]);
	const listed = ours.rows.map(({ id, value, name }) => ({ id, value, name }));
	const first = record && !listed.some(({ id }) => id === picked);
	const rows = first
		? [{ id: record.id, value: String(record.fields['value']), name: String(record.fields['name']) }, ...listed]
		: listed;
	const best = await bestSuggestions(locals.db, { ...at, internalIds: rows.map(({ id }) => id) });
	return {
		...shown,
		picked: record ? picked : null,
		/** What the picked record is linked with already: another one would be a further link. */
		further: record ? await linkedAlready(locals, { ...at, internalId: record.id }) : null,
		allowSecondary: channel.entities.find((each) => each.entity === entity.name)?.allowSecondary ?? false,
		ours: {
			text: query('oursText'),
			next: ours.next,
			rows: rows.map((row) => ({ ...row, best: bestOf(best.get(row.id)) }))
		},
		theirs: {
			text: query('theirsText'),
			next: theirs.next,
			rows: theirs.rows.map(({ externalId, variantId, value, name }) => ({
				pick: JSON.stringify([externalId, variantId]),
				id: variantId === '' ? externalId : `${externalId} / ${variantId}`,
				value: value ?? externalId,
				name: name ?? ''
			}))
		}
	};
};

/** Id there of the record that this one of ours is linked with; null where it is free. */
async function linkedAlready(
	locals: App.Locals,
	{ channelId, entity, internalId }: { channelId: string; entity: string; internalId: string }
): Promise<string | null> {
	const cards = await recordLinks(locals.db, { entity, id: internalId });
	const links = cards.find(({ channel }) => channel.id === channelId)?.links ?? [];
	return links.find(({ isPrimary }) => isPrimary)?.externalId ?? null;
}

function bestOf(best: BestSuggestion | undefined) {
	if (!best) return null;
	const { id, internalId, externalId, variantId, value, name, score, ambiguous } = best;
	const pair = JSON.stringify([id, internalId, externalId, variantId]);
	return { pair, value: value ?? externalId, name: name ?? '', score, ambiguous };
}

const text = z.string();
const picks = z.union([z.tuple([text, text]), z.tuple([text, text, text]), z.tuple([text, text, text, text])]);

type Pair = { internalId: string; externalId: string; variantId: string };

/**
 * What the pressed button names: [suggestion, ours, theirs, variant], [ours, theirs, variant], or [theirs, variant] for the
 * record of ours that is picked.
 */
function pairOf(data: FormData): { pair: Pair; suggestionId: string | null } | null {
	const parsed = picks.safeParse(parseJson(textOf(data, 'pair') || textOf(data, 'theirs')));
	if (!parsed.success) return null;
	const [variantId = '', externalId = '', internalId = textOf(data, 'ours'), suggestionId = null] =
		parsed.data.toReversed();
	if (!isId(internalId) || (suggestionId !== null && !isId(suggestionId))) return null;
	return { pair: { internalId, externalId, variantId }, suggestionId };
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}

export const actions: Actions = {
	link: async (event: RequestEvent) => {
		const actor = requireRight(event.locals, 'link');
		const data = await event.request.formData();
		const pressed = pairOf(data);
		if (!pressed) return refuse({ ...invalid('ours'), message: m.pair_pick_ours(), hint: m.pair_pick_ours_hint() });
		const { pair, suggestionId } = pressed;
		const entity = textOf(data, 'entity');
		const at = { channelId: event.params.channel ?? '', entity };
		const override = textOf(data, 'override') === 'yes';
		// Only for the record of which the page said that it has a link already.
		const isPrimary = textOf(data, 'further') !== pair.internalId;
		const person = { actor, via: 'web' as const };
		const result =
			suggestionId === null
				? await linkRecords(event.locals.db, { ...at, ...pair, isPrimary, override, ...person })
				: await acceptSuggestion(event.locals.db, { suggestionId, ...person });
		if (!result.ok) {
			const { kind, message, hint } = result;
			const again = JSON.stringify([pair.internalId, pair.externalId, pair.variantId]);
			const mayStill = kind === 'excluded' || kind === 'out-of-scope';
			return mayStill ? fail(409, { refused: { kind, message, hint }, again }) : refuse(result);
		}
		const query = new URLSearchParams({ entity });
		for (const name of ['oursText', 'theirsText']) if (textOf(data, name)) query.set(name, textOf(data, name));
		const record = { record: pair.externalId };
		const said = isPrimary ? m.link_linked(record) : m.further_linked(record);
		return done(event, {
			ok: true,
			flash: { tone: 'good', text: said, ...undoLink({ ...at, ...pair }) },
			to: `${event.url.pathname}?${query.toString()}`
		});
	}
};
