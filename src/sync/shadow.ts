import { changeOf } from './change.ts';
import { ageOf, type DecideInput } from './decide.ts';
import { flowOf } from './flow.ts';
import { baseOf } from './field-base.ts';
import type { Value } from './fields.ts';
import { sidesAgree } from './reference.ts';
import { epochMicros } from './settle.ts';

/** An edit that comparing time stamps alone would have overwritten: who made it, and the value that would be gone. */
export type ShadowLoss = { field: string; side: 'internal' | 'external'; value: Value };

export type ShadowInput = {
	/** What the engine decided from. */
	decision: DecideInput;
	/** `updated_at` of our record (ISO UTC). */
	internalUpdatedAt: string;
	/** Directions that may write now: the other rule would have had to keep to them too. */
	live: { push: boolean; pull: boolean };
};

/**
 * What the plain rule "the record with the newer time stamp overwrites the other one whole" would have lost at this
 * decision: fields of the older record that were written since the last agreement and differ from the newer one. Nothing
 * where the stamps are equal or absent: an edit not seen yet is late, not lost. Only what is certain counts: a value
 * that was never agreed on, that the channel may have rewritten or restored by itself, or that the rule could not have
 * overwritten for its direction is left out.
 */
export function shadowLosses({ decision, internalUpdatedAt, live }: ShadowInput): ShadowLoss[] {
	const { internal, external } = decision;
	if (!internal || !external) return [];
	const side = olderSide(internalUpdatedAt, external.stamp);
	if (side === null || !(side === 'internal' ? live.pull : live.push)) return [];
	if (side === 'external' && ageOf(decision, external) === 'restored') return [];

	return decision.fields.flatMap((rule): ShadowLoss[] => {
		const ours = internal.fields[rule.name];
		const theirs = external.fields[rule.name];
		const flow = flowOf(rule, decision.policy);
		if (ours === undefined || theirs === undefined || flow === 'off') return [];
		if (sidesAgree(rule, decision.references, ours, theirs)) return [];
		if (flow === (side === 'internal' ? 'to-channel' : 'from-channel')) return [];
		const base = baseOf(rule, decision, theirs);
		if (base.internal === undefined || base.external === undefined) return [];
		if (side === 'external' && base.unconfirmed) return [];
		const value = side === 'internal' ? ours : theirs;
		return changeOf(rule.type, base[side], value) === 'unchanged' ? [] : [{ field: rule.name, side, value }];
	});
}

/** The side that the plain rule would have overwritten; null where its stamps do not say. */
function olderSide(internalStamp: string, externalStamp: string | null): 'internal' | 'external' | null {
	const ours = epochMicros(internalStamp);
	const theirs = externalStamp === null ? null : epochMicros(externalStamp);
	if (ours === null || theirs === null || ours === theirs) return null;
	return theirs > ours ? 'internal' : 'external';
}

/** Those losses that no earlier decision of the link (`earlier`, oldest first) has met: an edit that is decided about again counts once. */
export function unmetLosses(losses: readonly ShadowLoss[], earlier: readonly ShadowLoss[]): ShadowLoss[] {
	return losses.filter(({ field, side, value }) => {
		const last = earlier.findLast((loss) => loss.field === field && loss.side === side);
		return !last || last.value !== value;
	});
}
