import { redirect, type RequestEvent } from '@sveltejs/kit';
import { act, textOf, type Outcome } from '#src/lib/server/act.ts';
import { bulkOutcome } from '#src/lib/server/bulk-actions.ts';
import { invalid, isId } from '#src/lib/server/form-input.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { startBulkJob } from '#src/mappings/start-bulk-job.ts';

export const bulkKinds = ['unlink', 'retry', 'push', 'pull'] as const;
export type BulkAct = (typeof bulkKinds)[number];

/** The kind that a form or an address names. */
export function bulkKindOf(text: string | null): BulkAct | undefined {
	return bulkKinds.find((kind) => kind === text);
}

/**
 * `?/bulk` of the list. Ticked rows are unlinked or retried at once; what cannot be undone, and everything that matches, is
 * shown first. Fields: kind, entity, link (once a ticked row); with scope 'all' also status, q, list, upto and shown.
 */
export const bulk = (event: RequestEvent) =>
	act(event, 'link', async ({ data, actor, db, locals }): Promise<Outcome> => {
		const kind = bulkKindOf(textOf(data, 'kind'));
		if (!kind) return invalid('kind');
		const channelId = event.params.channel ?? '';
		const entity = textOf(data, 'entity');
		const linkIds = [...new Set(data.getAll('link').map(String))];
		if (!linkIds.every(isId)) return invalid('link');
		const preview = new URLSearchParams({ entity, kind });
		if (textOf(data, 'scope') === 'all') {
			for (const name of ['status', 'q', 'list', 'upto']) preview.set(name, textOf(data, name));
			const except = textOf(data, 'shown')
				.split(',')
				.filter((id) => isId(id) && !linkIds.includes(id));
			if (except.length > 0) preview.set('except', except.join(','));
		} else {
			if (linkIds.length === 0)
				return { ok: false, kind: 'invalid', message: m.bulk_none_chosen(), hint: m.bulk_none_chosen_hint() };
			if (kind === 'unlink' || kind === 'retry') {
				const job = { channelId, entity, kind, selection: { linkIds }, expected: linkIds.length };
				return bulkOutcome(locals, await startBulkJob(db, { ...job, actor, via: 'web' }));
			}
			preview.set('links', linkIds.join(','));
		}
		redirect(303, `/channels/${channelId}/links/bulk?${preview.toString()}`);
	});
