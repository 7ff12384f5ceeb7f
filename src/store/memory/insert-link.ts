import type { NewLink } from '../insert-link.ts';
import { tryInsertLinkRow } from './link-triggers.ts';
import type { LinkRow, Tables } from './tables.ts';

/** `insertLink` in memory: the new link; null when one of the two is linked already. */
export function insertLink(tables: Tables, link: NewLink): LinkRow | null {
	const { entity, unconfirmed, ...values } = link;
	const row = tryInsertLinkRow(tables, entity.name, { ...values, unconfirmed: [...unconfirmed] });
	if (row === null) return null;
	const { channelId, internalId, externalId, variantId } = link;
	for (const suggestion of [...tables.suggestionsOf(channelId, entity.name)]) {
		const theirs = suggestion.externalId === externalId && suggestion.variantId === variantId;
		if (theirs || suggestion.internalId === internalId) tables.suggestions.remove(suggestion);
	}
	const ours = tables.candidate(channelId, entity.name, 'internal', internalId, '');
	if (ours) tables.candidates.remove(ours);
	const theirs = tables.candidate(channelId, entity.name, 'external', externalId, variantId);
	if (theirs) tables.candidates.remove(theirs);
	return row;
}
