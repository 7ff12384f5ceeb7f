import { fieldShown } from '#src/lib/server/conflict-rows.ts';
import { cursorOfDecision } from '#src/mappings/list-decisions.ts';
import { listTimestampLosses, type TimestampLoss } from '#src/mappings/timestamp-losses.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url }) => {
	const page = await listTimestampLosses(locals.db, {
		channelId: params.channel,
		cursor: url.searchParams.get('after')
	});
	return { next: page.next, previous: page.previous, rows: page.rows.map(shown) };
};

function shown(loss: TimestampLoss) {
	const { decisionId, entity, internalId, value, name, change, ...rest } = loss;
	return {
		...rest,
		...fieldShown(entity, loss.field),
		key: `${decisionId} ${loss.field}`,
		record: value ?? internalId,
		recordHref: value === null ? null : `/records/${entity}/${internalId}`,
		name,
		instead: insteadOf(loss),
		/** The rule behind it; null where a person was asked. */
		rule: change?.rule ?? null,
		why: whyHref(loss)
	};
}

/** What was done with the edit that the other rule would have overwritten. */
function insteadOf({ change, side }: TimestampLoss): 'sent' | 'received' | 'journaled' | 'asked' {
	if (change === null) return 'asked';
	if (change.side === side) return 'journaled';
	return side === 'internal' ? 'sent' : 'received';
}

/** The entry of the journal, on the page of the link; the record's own history where the link cannot be shown any more. */
function whyHref({ linkKnown, entity, linkId, decisionId, internalId, value }: TimestampLoss): string | null {
	if (linkKnown) {
		const history = encodeURIComponent(cursorOfDecision(entity, linkId, decisionId));
		return `/links/${entity}/${linkId}?history=${history}#decision-${decisionId}`;
	}
	return value === null ? null : `/records/${entity}/${internalId}/activity`;
}
