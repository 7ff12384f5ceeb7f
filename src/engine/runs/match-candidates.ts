import type { CandidateSet } from '#src/store/read-candidates.ts';
import type { AwaitingRow } from '#src/store/save-awaiting.ts';
import type { SeenRecord } from '#src/store/record-page.ts';
import { matchRecords, type MatchSuggestion } from '#src/sync/match.ts';
import { keyIdsOf, matchByReferences } from '#src/sync/match-references.ts';
import { isUnlinked } from '#src/sync/reference.ts';
import type { Fields } from '#src/sync/fields.ts';
import { awaitingOf, lookUpReferences, type References } from './references.ts';
import type { RunContext } from './run-context.ts';

/** What fits what, and candidates of which that cannot be said before what they point to is linked. */
export type MatchedCandidates = { suggestions: MatchSuggestion[]; waiting: AwaitingRow[] };

/** Compares candidates with each other: by their codes, or by the records that they point to where these tell them apart. */
export async function matchCandidates(
	run: RunContext,
	set: CandidateSet,
	foreign: readonly SeenRecord[]
): Promise<MatchedCandidates> {
	const { ports, channel, entity, resource } = run;
	const { keyFields } = entity;
	const internal = set.internals.map((record) => ({ internalId: record.id, fields: record.fields }));
	const excluded = set.excludedPairs;
	if (!keyFields) {
		const given = { matchKeys: entity.matchKeys, groups: set.match };
		return { suggestions: matchRecords({ ...given, internal, external: foreign, excluded }), waiting: [] };
	}
	const references = await lookUpReferences(
		{ store: ports.store, channelId: channel.id, entity, resource },
		internal.map(({ fields }) => fields),
		foreign.map(({ fields }) => fields)
	);
	const links = references ?? {};
	const suggestions = matchByReferences({ keyFields, links, internal, external: foreign, excluded });
	return { suggestions, waiting: waitingOf(run, keyFields, links, { internal, foreign }) };
}

function waitingOf(
	run: RunContext,
	keyFields: readonly string[],
	links: References,
	{ internal, foreign }: { internal: readonly { internalId: string; fields: Fields }[]; foreign: readonly SeenRecord[] }
): AwaitingRow[] {
	const { channel } = run;
	const rowsOf = (side: 'internal' | 'external', ownerId: string, variantId: string, fields: Fields) => {
		const ids = keyIdsOf(keyFields, fields) ?? [];
		const at = keyFields.findIndex((field, place) => isUnlinked(links[field], side, ids[place] ?? null));
		const [field, id] = [keyFields[at], ids[at]];
		if (field === undefined || id === undefined) return [];
		const isCreated = side === 'internal' ? channel.autoCreateExternal : channel.autoCreateInternal;
		const owner = { owner: side, ownerId, variantId, ...(!isCreated && { matching: true }) };
		return awaitingOf(channel.name, links, [{ field, side, id }]).map((one) => ({ ...owner, ...one }));
	};
	return [
		...internal.flatMap(({ internalId, fields }) => rowsOf('internal', internalId, '', fields)),
		...foreign.flatMap(({ externalId, variantId, fields }) => rowsOf('external', externalId, variantId, fields))
	];
}
