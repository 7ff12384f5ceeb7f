import type { Entity } from '#src/entities/entity.ts';
import { entitiesIn } from '#src/mappings/entities-now.ts';
import {
	conflictFacets,
	listConflicts,
	type ConflictFacet,
	type ConflictFilter
} from '#src/mappings/list-conflicts.ts';
import { withOursNow } from '#src/mappings/conflicts-now.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { ruleWords } from '#src/lib/words/reason-words.ts';
import { allWithNames, conflictRows, fieldShown } from './conflict-rows.ts';

/** Which conflicts an address asks for: `channel`, `entity`, `field` ("product.price") and `rule`. */
export function conflictFilter(url: URL): ConflictFilter & { channelId: string | null } {
	const asked = (name: string) => url.searchParams.get(name) || null;
	const [entity, field] = asked('field')?.split('.') ?? [];
	return { channelId: asked('channel'), entity: entity ?? asked('entity'), field: field ?? null, rule: asked('rule') };
}

/** One page of open conflicts as both sides are now, with what the filter above it offers: the fields and reasons `within`. */
export async function conflictList(db: App.Locals['db'], url: URL, filter: ConflictFilter, within: ConflictFilter) {
	const { channelId, entity, field, rule } = filter;
	const [entities, page, facets] = await Promise.all([
		entitiesIn(db),
		listConflicts(db, { ...filter, state: 'open', cursor: url.searchParams.get('after') }),
		conflictFacets(db, within)
	]);
	const ours = await allWithNames(db, await withOursNow(db, page.rows, entities));
	const moved = new Set(url.searchParams.get('moved')?.split(',') ?? []);
	const shown = facets.filter((facet) => matches(facet, filter));
	return {
		next: page.next,
		previous: page.previous,
		rows: conflictRows(entities, ours).map((row, at) => ({
			...row,
			seen: ours[at]?.seen ?? '',
			moved: moved.has(row.id)
		})),
		total: shown.reduce((sum, { conflicts }) => sum + conflicts, 0),
		filter: { channel: channelId ?? null, field: entity && field ? `${entity}.${field}` : null, rule: rule ?? null },
		fields: fieldChoices(entities, facets),
		rules: sums(facets, (facet) => facet.rule)
	};
}

/** The list with its reasons in words, which name the channel where it is about one. */
export function aboutChannel<List extends { rules: readonly { name: string; conflicts: number }[] }>(
	list: List,
	channelName: string | null
) {
	const rules = list.rules.map((rule) => ({ ...rule, label: ruleWords(rule.name, channelName ?? m.the_channel()) }));
	return { ...list, channelName, rules };
}

const matches = (facet: ConflictFacet, { entity, field, rule }: ConflictFilter) =>
	(!entity || facet.entity === entity) && (!field || facet.field === field) && (!rule || facet.rule === rule);

function fieldChoices(entities: readonly Entity[], facets: readonly ConflictFacet[]) {
	return sums(facets, ({ entity, field }) => `${entity}.${field}`).map(({ name, conflicts }) => {
		const [entity = '', field = ''] = name.split('.');
		return {
			name,
			conflicts,
			label: fieldShown(entities, entity, field).label,
			of: entities.find((each) => each.name === entity)?.label.many ?? entity
		};
	});
}

function sums(facets: readonly ConflictFacet[], nameOf: (facet: ConflictFacet) => string) {
	const totals = new Map<string, number>();
	for (const facet of facets) totals.set(nameOf(facet), (totals.get(nameOf(facet)) ?? 0) + facet.conflicts);
	return [...totals].map(([name, conflicts]) => ({ name, conflicts }));
}
