import { error } from '@sveltejs/kit';
import { m } from '#src/lib/paraglide/messages.js';
import { act, requireRight, textOf } from '#src/lib/server/act.ts';
import { bulkOutcome } from '#src/lib/server/bulk-actions.ts';
import { entityHead, entityOr404 } from '#src/lib/server/entity-page.ts';
import { invalid, isId } from '#src/lib/server/form-input.ts';
import { bulkRight } from '#src/mappings/bulk-rights.ts';
import { previewBulkJob } from '#src/mappings/preview-bulk-job.ts';
import { mustBeTyped, startBulkJob, type BulkStart } from '#src/mappings/start-bulk-job.ts';
import { linkStatuses } from '#src/sync/outcome.ts';
import { bulkKindOf } from '../bulk-actions.server.ts';
import type { Actions, PageServerLoad } from './$types';

type BulkSelection = BulkStart['selection'];

export const load: PageServerLoad = async ({ locals, params, url, parent }) => {
	const kind = bulkKindOf(url.searchParams.get('kind'));
	const selection = selectionOf(url.searchParams);
	if (!kind || !selection) error(400, { message: m.bulk_invalid(), hint: m.bulk_invalid_hint() });
	requireRight(locals, bulkRight(kind));
	const entity = await entityOr404(locals, url.searchParams.get('entity') ?? '');
	const { channel } = await parent();
	const at = channel.entities.find((each) => each.entity === entity.name);
	const preview = await previewBulkJob(locals.db, { entity, channelId: params.channel, kind, selection });
	return {
		kind,
		entity: entityHead(entity),
		preview,
		filter: 'linkIds' in selection ? null : selection,
		typed: mustBeTyped(kind, preview.links),
		/** The direction it needs is not armed. */
		notLive: (kind === 'push' && at?.pushLive !== true) || (kind === 'pull' && at?.pullLive !== true),
		/** The selection once more, for the address of the form. */
		query: new URLSearchParams([...url.searchParams].filter(([name]) => !name.startsWith('/'))).toString(),
		back: listAddress(params.channel, entity.name, selection)
	};
};

export const actions: Actions = {
	start: (event) =>
		act(event, 'link', async ({ data, actor, db, locals }) => {
			const { searchParams } = event.url;
			const kind = bulkKindOf(searchParams.get('kind'));
			const selection = selectionOf(searchParams);
			const expected = Number(textOf(data, 'expected'));
			if (!kind || !selection) return invalid('selection');
			if (!Number.isSafeInteger(expected) || expected < 1) return invalid('expected');
			const entity = searchParams.get('entity') ?? '';
			const channelId = event.params.channel;
			const [typed, reason] = [textOf(data, 'typed'), textOf(data, 'reason')];
			const job = { channelId, entity, kind, selection, expected, typed, reason };
			const started = await startBulkJob(db, { ...job, actor, via: 'web' });
			return bulkOutcome(locals, started, listAddress(channelId, entity, selection));
		})
};

/** The links that the address names; null where it names none that can be. */
function selectionOf(query: URLSearchParams): BulkSelection | null {
	const ids = (name: string) => (query.get(name) ?? '').split(',').filter((id) => id !== '');
	const [linkIds, exceptIds] = [ids('links'), ids('except')];
	if (![...linkIds, ...exceptIds].every(isId) || linkIds.length + exceptIds.length > 10_000) return null;
	if (linkIds.length > 0) return { linkIds };
	const uptoId = query.get('upto') ?? '';
	if (!isId(uptoId)) return null;
	const status = query.get('status') ?? '';
	if (status !== '' && !linkStatuses.some((each) => each === status)) return null;
	const q = (query.get('q') ?? '').replaceAll('\0', '').trim().slice(0, 200);
	const listId = query.get('list') ?? '';
	if (listId !== '' && !isId(listId)) return null;
	const cause = (query.get('cause') ?? '').replaceAll('\0', '').slice(0, 80);
	const some = { ...(listId === '' ? {} : { listId }), ...(cause === '' ? {} : { cause }) };
	return { status: status === '' ? null : status, q, ...some, uptoId, exceptIds };
}

function listAddress(channelId: string, entity: string, selection: BulkSelection): string {
	if ('q' in selection && selection.cause !== undefined) {
		const inbox = new URLSearchParams({ kind: 'problems', channel: channelId, cause: selection.cause });
		return `/inbox?${inbox.toString()}`;
	}
	const query = new URLSearchParams({ entity });
	if ('q' in selection) {
		if (selection.status !== null) query.set('status', selection.status);
		if (selection.q !== '') query.set('q', selection.q);
		if (selection.listId !== undefined) query.set('list', selection.listId);
	}
	return `/channels/${channelId}/links?${query.toString()}`;
}
