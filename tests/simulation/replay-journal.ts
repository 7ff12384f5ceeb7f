import type { LinkStateDelta } from '#src/db/schema/decisions.ts';

/** Of an entry of the journal, what its replay takes. */
export type ReplayedEntry = {
	id: string;
	action: string;
	entity: string;
	channelId: string | null;
	linkId: string | null;
	internalId: string | null;
	externalId: string | null;
	variantId: string;
	linkState: LinkStateDelta | null;
};

/** A link as the journal tells it. */
export type ReplayedLink = {
	channelId: string | null;
	internalId: string | null;
	externalId: string | null;
	variantId: string;
	state: Required<Omit<LinkStateDelta, 'began' | 'ended'>>;
};

/** What cannot be: an entry about a link that the journal did not begin, or began twice. */
export class UnreplayableJournal extends Error {}

const atFirst: ReplayedLink['state'] = {
	is_primary: true,
	status: 'pending',
	waiting: null,
	problem: null,
	base_internal: null,
	base_external: null,
	unconfirmed: [],
	codec_fingerprint: null,
	pending_write: null
};

/** Plays the journal, entries in id order, from nothing; the links by entity and id that there are at its end. */
export function replayJournal(entries: Iterable<ReplayedEntry>): Map<string, ReplayedLink> {
	const links = new Map<string, ReplayedLink>();
	for (const entry of entries) {
		if (entry.linkState === null) continue;
		const { began, ended, ...moved } = entry.linkState;
		const key = `${entry.entity} ${entry.linkId}`;
		const known = links.get(key);
		if ((known === undefined) !== (began === true) && entry.action !== 'snapshot')
			throw new UnreplayableJournal(`entry ${entry.id}: ${key} ${known ? 'was there already' : 'is not known'}`);
		if (ended) {
			links.delete(key);
			continue;
		}
		const state = began || !known ? { ...atFirst } : known.state;
		move(state, moved);
		const { channelId, internalId, externalId, variantId } = entry;
		links.set(key, { channelId, internalId, externalId, variantId, state });
	}
	return links;
}

function move(state: ReplayedLink['state'], { base_internal, base_external, ...moved }: LinkStateDelta): void {
	Object.assign(state, moved);
	if (base_internal !== undefined) state.base_internal = base_internal && { ...state.base_internal, ...base_internal };
	if (base_external !== undefined) state.base_external = base_external && { ...state.base_external, ...base_external };
}
