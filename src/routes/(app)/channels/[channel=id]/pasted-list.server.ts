import { error, redirect, type RequestEvent } from '@sveltejs/kit';
import type { Entity } from '#src/entities/entity.ts';
import { formatCount } from '#src/lib/format.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { act, textOf, type Outcome } from '#src/lib/server/act.ts';
import { pastedBytesAtMost, pastedEntries, pastedEntriesAtMost, pasteList } from '#src/mappings/paste-list.ts';
import { readPastedList, type PastedPlace, type PastedSummary } from '#src/mappings/read-pasted-list.ts';

/** `?/paste` of a list: keeps what was pasted and shows just that. Fields: entity, pasted. */
export const paste = (event: RequestEvent) =>
	act(event, 'read', async ({ data, actor, db }): Promise<Outcome> => {
		const pasted = textOf(data, 'pasted');
		const entries = Buffer.byteLength(pasted) > pastedBytesAtMost ? null : pastedEntries(pasted);
		if (entries === null || entries.length === 0 || entries.length > pastedEntriesAtMost) {
			const most = formatCount(pastedEntriesAtMost);
			const message = entries?.length === 0 ? m.pasted_none() : m.pasted_too_many({ most });
			return { ok: false, kind: 'invalid', message, hint: m.pasted_hint_limits({ most }) };
		}
		const [channelId, entity] = [event.params.channel ?? '', textOf(data, 'entity')];
		const kept = await pasteList(db, { channelId, entity, entries, actor, via: 'web' });
		if (!kept.ok) return kept;
		const query = new URLSearchParams({ entity, list: kept.listId });
		for (const name of ['side', 'excluded', 'outside']) {
			const value = event.url.searchParams.get(name);
			if (value) query.set(name, value);
		}
		redirect(303, `${event.url.pathname}?${query.toString()}`);
	});

/** The pasted list that `?list=` names, as it stands in this place; null without one. Throws the 404 page where it is gone. */
export async function pastedListOf(
	{ locals, url }: { locals: App.Locals; url: URL },
	at: { channelId: string; entity: Entity; place: PastedPlace }
): Promise<PastedSummary | null> {
	const listId = url.searchParams.get('list');
	if (listId === null) return null;
	const list = await readPastedList(locals.db, { ...at, listId });
	// Never the whole list instead: what is done to "all that match" would be done to everything.
	if (!list) error(404, { message: m.pasted_gone(), hint: m.pasted_gone_hint() });
	return list;
}
