import type { Entity } from '#src/entities/entity.ts';
import { fieldShown } from '#src/lib/server/conflict-rows.ts';
import { entitiesIn } from '#src/mappings/entities-now.ts';
import { cursorOfDecision } from '#src/mappings/list-decisions.ts';
import { referenceNames } from '#src/mappings/reference-names.ts';
import { listLosingDecisions, type LosingDecision } from '#src/mappings/timestamp-losses.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url }) => {
	const page = await listLosingDecisions(locals.db, {
		channelId: params.channel,
		cursor: url.searchParams.get('after')
	});
	const entities = await entitiesIn(locals.db);
	const rows = page.rows.flatMap((row) => shown(entities, row));
	const at = ({ entity, field, side, lost }: (typeof rows)[number]) => {
		return { entity, field, side, channelId: params.channel, value: lost };
	};
	const nameOf = await referenceNames(locals.db, rows.map(at));
	return { next: page.next, previous: page.previous, rows: rows.map((row) => ({ ...row, lost: nameOf(at(row)) })) };
};

type Instead = 'sent' | 'received' | 'journaled' | 'asked';

/** One line for each edit that the other rule would have overwritten. */
function shown(entities: readonly Entity[], decision: LosingDecision) {
	const { decisionId, at, entity, internalId, value, name, losses, changes } = decision;
	const why = whyHref(decision);
	return losses.map(({ field, side, value: lost }) => {
		const change = changes.find((each) => each.field === field);
		const across: Instead = side === 'internal' ? 'sent' : 'received';
		const instead: Instead = !change ? 'asked' : change.side === side ? 'journaled' : across;
		return {
			key: `${decisionId} ${field}`,
			at,
			record: value ?? internalId,
			recordHref: value === null ? null : `/records/${entity}/${internalId}`,
			name,
			entity,
			...fieldShown(entities, entity, field),
			field,
			side,
			lost,
			instead,
			/** The rule behind it; null where a person was asked. */
			rule: change?.rule ?? null,
			why
		};
	});
}

/** The entry of the journal, on the page of the link; the record's own history where the link cannot be shown any more. */
function whyHref({ linkKnown, entity, linkId, decisionId, internalId, value }: LosingDecision): string | null {
	if (linkKnown) {
		const history = encodeURIComponent(cursorOfDecision(entity, linkId, decisionId));
		return `/links/${entity}/${linkId}?history=${history}#decision-${decisionId}`;
	}
	return value === null ? null : `/records/${entity}/${internalId}/activity`;
}
