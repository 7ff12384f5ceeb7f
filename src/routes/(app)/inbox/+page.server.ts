import { rightsOf } from '#src/lib/server/entity-page.ts';
import { aboutChannel, conflictFilter, conflictList } from '#src/lib/server/conflict-list.ts';
import { allWithNames, settledRows } from '#src/lib/server/conflict-rows.ts';
import { triageRows } from '#src/lib/server/triage-rows.ts';
import { entitiesIn } from '#src/mappings/entities-now.ts';
import { failedRuns } from '#src/mappings/failed-runs.ts';
import { inboxCounts } from '#src/mappings/inbox-counts.ts';
import { listAwaiting } from '#src/mappings/list-awaiting.ts';
import { listConflicts } from '#src/mappings/list-conflicts.ts';
import { listHolds } from '#src/mappings/list-holds.ts';
import { channelProblems, listProblems, troubledNow } from '#src/mappings/list-problems.ts';
import { listSuggestions } from '#src/mappings/list-suggestions.ts';
import { applyChoices } from '../conflict-actions.server.ts';
import { retry, takeOther, unlink } from '../link-actions.server.ts';
import { restore, restoreCause, setAside } from '../restore-actions.server.ts';
import { excludeCause, retryCause, unlinkCause } from './cause-actions.server.ts';
import type { Actions, PageServerLoad, PageServerLoadEvent } from './$types';

const kinds = ['conflicts', 'problems', 'held', 'awaiting', 'suggestions', 'settled'] as const;
type Kind = (typeof kinds)[number];

export const load: PageServerLoad = async ({ locals, url, depends, parent }) => {
	depends('app:inbox');
	const { db } = locals;
	const channelId = url.searchParams.get('channel') || null;
	const counts = await inboxCounts(db, { channelId });
	const kind = kindOf(url.searchParams.get('kind'), counts);
	const cause = url.searchParams.get('cause') || null;
	const filter = { channelId, cursor: url.searchParams.get('after'), url, parent };
	return {
		kinds: kinds.map((name) => ({ name, count: counts[name] })),
		kind,
		channelId,
		cause,
		may: rightsOf(locals.user),
		list: await listOf(locals, kind, { ...filter, cause })
	};
};

/** What the address asks for; else the most pressing kind that has anything. */
function kindOf(asked: string | null, counts: Readonly<Record<Kind, number>>): Kind {
	return kinds.find((kind) => kind === asked) ?? kinds.find((kind) => counts[kind] > 0) ?? 'conflicts';
}

async function listOf(
	{ db, problemGroups }: App.Locals,
	kind: Kind,
	filter: Pick<PageServerLoadEvent, 'url' | 'parent'> & {
		channelId: string | null;
		cursor: string | null;
		cause: string | null;
	}
) {
	switch (kind) {
		case 'suggestions': {
			const page = await listSuggestions(db, filter);
			return { kind, ...page, rows: await triageRows(db, page.rows) };
		}
		case 'conflicts': {
			const asked = conflictFilter(filter.url);
			const within = { channelId: asked.channelId, entity: asked.field ? null : asked.entity };
			const [list, { channels }] = await Promise.all([conflictList(db, filter.url, asked, within), filter.parent()]);
			const only = channels.length === 1 ? channels[0] : channels.find(({ id }) => id === asked.channelId);
			return { kind, ...aboutChannel(list, only?.name ?? null) };
		}
		case 'settled': {
			const page = await listConflicts(db, { ...filter, state: 'settled' });
			return { kind, ...page, rows: settledRows(await entitiesIn(db), await allWithNames(db, page.rows)) };
		}
		case 'problems': {
			const troubled = await troubledNow(db);
			const { channelId } = filter;
			const [page, groups, channels, failed] = await Promise.all([
				listProblems(db, { ...filter, troubled, kind: filter.cause }),
				problemGroups.of({ channelId, troubled }),
				channelProblems(db, filter),
				failedRuns(db, { channelId })
			]);
			return { kind, ...page, groups, channels, failed };
		}
		case 'awaiting':
			return { kind, ...(await listAwaiting(db, filter)) };
		case 'held': {
			const rows = await listHolds(db, filter.channelId ? { channelId: filter.channelId } : {});
			return { kind, rows, next: null, previous: null };
		}
	}
}

export const actions: Actions = {
	retry,
	unlink,
	restore,
	setAside,
	retryCause,
	unlinkCause,
	restoreCause,
	excludeCause,
	takeOther,
	applyChoices
};
