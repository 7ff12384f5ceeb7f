import type { LinkStateDelta } from '#src/db/schema/decisions.ts';
import type { MapTable } from '#src/entities/map-table.ts';
import type { Fields } from '#src/sync/fields.ts';
import { sameJson } from './same-fields.ts';

type Link = MapTable['$inferSelect'];

/** Every column that the journal keeps; the others are counters, claims, times and what was last seen of either side. */
export type KeptState = Pick<
	Link,
	| 'isPrimary'
	| 'status'
	| 'waiting'
	| 'problem'
	| 'baseInternal'
	| 'baseExternal'
	| 'unconfirmed'
	| 'codecFingerprint'
	| 'pendingWrite'
>;

/** The state of a link that was just made by hand. */
export const stateAtFirst: KeptState = {
	isPrimary: true,
	status: 'pending',
	waiting: null,
	problem: null,
	baseInternal: null,
	baseExternal: null,
	unconfirmed: [],
	codecFingerprint: null,
	pendingWrite: null
};

/** What moved between two states of a link; null where nothing did. The database's `cm_state_delta` says the same. */
export function stateDelta(before: KeptState, after: KeptState): LinkStateDelta | null {
	const delta: LinkStateDelta = {};
	if (after.isPrimary !== before.isPrimary) delta.is_primary = after.isPrimary;
	if (after.status !== before.status) delta.status = after.status;
	if (after.waiting !== before.waiting) delta.waiting = after.waiting;
	if (!sameJson(after.problem, before.problem)) delta.problem = after.problem;
	if (!sameJson(after.baseInternal, before.baseInternal))
		delta.base_internal = movedFields(before.baseInternal, after.baseInternal);
	if (!sameJson(after.baseExternal, before.baseExternal))
		delta.base_external = movedFields(before.baseExternal, after.baseExternal);
	if (!sameJson(after.unconfirmed, before.unconfirmed)) delta.unconfirmed = after.unconfirmed;
	if (after.codecFingerprint !== before.codecFingerprint) delta.codec_fingerprint = after.codecFingerprint;
	if (!sameJson(after.pendingWrite, before.pendingWrite)) delta.pending_write = after.pendingWrite;
	for (const _ in delta) return delta;
	return null;
}

/** The whole state of a link from its beginning on. */
export function stateBegan(after: KeptState): LinkStateDelta {
	return { began: true, ...stateDelta(stateAtFirst, after) };
}

function movedFields(before: Fields | null, after: Fields | null): Fields | null {
	if (before === null || after === null) return after;
	return Object.fromEntries(Object.entries(after).filter(([name, value]) => before[name] !== value));
}
