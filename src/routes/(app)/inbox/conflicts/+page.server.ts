import { redirect } from '@sveltejs/kit';
import { conflictFilter } from '#src/lib/server/conflict-list.ts';
import { conflictRows, fieldShown } from '#src/lib/server/conflict-rows.ts';
import { rightsOf } from '#src/lib/server/entity-page.ts';
import { entitiesIn } from '#src/mappings/entities-now.ts';
import { conflictFacets, listConflicts } from '#src/mappings/list-conflicts.ts';
import { conflictsAtOnce, seenConflicts, withOursNow } from '#src/mappings/conflicts-now.ts';
import { takeAll } from '../../conflict-actions.server.ts';
import type { Actions, PageServerLoad } from './$types';

const samples = 10;

/** The preview of one answer to all conflicts of a filter: how many, which, and what is given up. */
export const load: PageServerLoad = async ({ locals, url, parent }) => {
	const filter = conflictFilter(url);
	const take = url.searchParams.get('take');
	if (take !== 'internal' && take !== 'external') redirect(303, '/inbox?kind=conflicts');
	const { channels } = await parent();
	const [entities, seen, page, facets] = await Promise.all([
		entitiesIn(locals.db),
		seenConflicts(locals.db, filter),
		listConflicts(locals.db, { ...filter, state: 'open', limit: samples }),
		conflictFacets(locals.db, filter)
	]);
	const { entity, field, rule, channelId } = filter;
	const of = facets.filter((facet) => (!field || facet.field === field) && (!rule || facet.rule === rule));
	return {
		take,
		may: rightsOf(locals.user),
		/** What one answer covers now. */
		covered: seen.length,
		/** How many there are. */
		total: Math.max(
			seen.length,
			of.reduce((sum, { conflicts }) => sum + conflicts, 0)
		),
		atOnce: conflictsAtOnce,
		rows: seen.map(({ id, entity: name, seen: digest }) => `${name}:${id}:${digest}`).join(' '),
		samples: conflictRows(entities, await withOursNow(locals.db, page.rows, entities)),
		channel: channels.find(({ id }) => id === channelId)?.name ?? null,
		entity: entities.find(({ name }) => name === entity)?.label.many ?? null,
		field: entity && field ? fieldShown(entities, entity, field).label : null,
		rule: rule ?? null,
		back: backTo(url)
	};
};

/** The list that the preview was opened from. */
function backTo(url: URL): string {
	const query = new URLSearchParams({ kind: 'conflicts' });
	for (const name of ['channel', 'field', 'rule']) {
		const value = url.searchParams.get(name);
		if (value) query.set(name, value);
	}
	return `/inbox?${query.toString()}`;
}

export const actions: Actions = { takeAll };
