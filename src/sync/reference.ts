import type { FieldRule } from './decide.ts';
import { agree } from './field-base.ts';
import type { Value } from './fields.ts';

/** Which records of the entity that a field points to are linked at the channel: raw ids, looked up beforehand. */
export type ReferenceLinks = {
	/** Our id -> the channel's, by primary links. */
	toExternal: Readonly<Record<string, string>>;
	/** The channel's id -> ours. */
	toInternal: Readonly<Record<string, string>>;
};

/** A reference that cannot be carried over: the record it points to has no link. */
export type AwaitedReference = { field: string; side: 'internal' | 'external'; id: string };

type Links = Readonly<Record<string, ReferenceLinks>> | undefined;

/** Whether a value of that side points to a record without a link; empty references point to none. */
export function isUnlinked(links: ReferenceLinks | undefined, side: 'internal' | 'external', value: Value): boolean {
	return value !== null && lookedUp(links, side, String(value)) === undefined;
}

/** The value of one side as the other holds it; only for references whose record is linked. */
export function translated(rule: FieldRule, links: Links, side: 'internal' | 'external', value: Value): Value {
	if (rule.type !== 'reference' || value === null) return value;
	return lookedUp(links?.[rule.name], side, String(value)) ?? null;
}

/** Whether both sides hold the same, each in its own way. */
export function sidesAgree(rule: FieldRule, links: Links, ours: Value, theirs: Value): boolean {
	if (rule.type !== 'reference') return agree(rule, ours, theirs);
	if (ours === null || theirs === null) return ours === theirs;
	const known = links?.[rule.name];
	return (
		lookedUp(known, 'internal', String(ours)) === theirs || lookedUp(known, 'external', String(theirs)) === String(ours)
	);
}

/** Whether what both sides held at the last agreement is known to be two different records by now: one was linked elsewhere. */
export function wasRelinked(
	rule: FieldRule,
	links: Links,
	ours: Value | undefined,
	theirs: Value | undefined
): boolean {
	if (rule.type !== 'reference' || ours === null || ours === undefined || theirs === null || theirs === undefined)
		return false;
	const now = lookedUp(links?.[rule.name], 'internal', String(ours));
	return now !== undefined && theirs !== elsewhere && !sidesAgree(rule, links, ours, theirs);
}

/** No record's id: what the winning side of a settled reference is compared with, where it holds nothing. */
const elsewhere = '?';

/**
 * Both bases after a person chose a side: only the winner differs from them. For a reference the two sides' raw ids must not
 * be taken for each other.
 */
export function basesAfterChoice(
	type: FieldRule['type'],
	winner: 'internal' | 'external',
	values: { internal: Value; external: Value }
): { internal: Value; external: Value } {
	const loser = winner === 'internal' ? values.external : values.internal;
	if (type !== 'reference') return { internal: loser, external: loser };
	return { ...values, [winner]: values[winner] === null ? elsewhere : null };
}

function lookedUp(links: ReferenceLinks | undefined, side: 'internal' | 'external', id: string): string | undefined {
	const ids = side === 'internal' ? links?.toExternal : links?.toInternal;
	return ids && Object.hasOwn(ids, id) ? ids[id] : undefined;
}
