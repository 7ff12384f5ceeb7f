import type { FieldRule } from './decide.ts';
import { agree } from './field-base.ts';
import type { FieldType, Value } from './fields.ts';
import { confirmedBase, isConfirmedBase } from './confirm.ts';
import { productsIn, withProducts } from './order-lines.ts';

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

/** Whether values of this type name records of another entity. */
export function isPointing(type: FieldType): boolean {
	return type === 'reference' || type === 'lines';
}

/** The raw ids that a value of this type names. */
export function idsIn(type: FieldType, value: Value): string[] {
	if (value === null) return [];
	return type === 'lines' ? productsIn(value) : [String(value)];
}

/** Whether a value of that side points to a record without a link; empty references point to none. */
export function isUnlinked(links: ReferenceLinks | undefined, side: 'internal' | 'external', value: Value): boolean {
	return unlinkedIn('reference', links, side, value).length > 0;
}

/** The records without a link that a value of that side points to; empty references point to none. */
export function unlinkedIn(
	type: FieldType,
	links: ReferenceLinks | undefined,
	side: 'internal' | 'external',
	value: Value
): string[] {
	return idsIn(type, value).filter((id) => lookedUp(links, side, id) === undefined);
}

/** The value of one side as the other holds it; only for references whose record is linked. */
export function translated(
	{ name, type }: Pick<FieldRule, 'name' | 'type'>,
	links: Links,
	side: 'internal' | 'external',
	value: Value
): Value {
	if (!isPointing(type) || value === null) return value;
	const known = links?.[name];
	if (type === 'lines') return withProducts(value, (id) => lookedUp(known, side, id));
	return lookedUp(known, side, String(value)) ?? null;
}

/** Whether both sides hold the same, each in its own way. */
export function sidesAgree(rule: FieldRule, links: Links, ours: Value, theirs: Value): boolean {
	if (!isPointing(rule.type)) return agree(rule, ours, theirs);
	const known = links?.[rule.name];
	if (rule.type === 'lines') {
		if (unlinkedIn('lines', known, 'external', theirs).length > 0) return false;
		return agree(rule, ours, translated(rule, links, 'external', theirs));
	}
	if (ours === null || theirs === null) return ours === theirs;
	return (
		lookedUp(known, 'internal', String(ours)) === theirs || lookedUp(known, 'external', String(theirs)) === String(ours)
	);
}

/**
 * Whether what both sides held at the last agreement is known to be two different records by now: one was linked elsewhere.
 * Lines of an order say what was ordered then, whatever their products are linked to now.
 */
export function wasRelinked(
	rule: FieldRule,
	links: Links,
	ours: Value | undefined,
	theirs: Value | undefined
): boolean {
	if (rule.type !== 'reference' || ours === null || ours === undefined || theirs === null || theirs === undefined)
		return false;
	const now = lookedUp(links?.[rule.name], 'internal', String(ours));
	if (now === undefined || theirs === elsewhere || isConfirmedBase(theirs)) return false;
	return !sidesAgree(rule, links, ours, theirs);
}

/** No record's id: what the winning side of a settled reference is compared with, where it holds nothing. */
const elsewhere = '?';

/**
 * Both bases after a person chose a side: only the winner differs from them. For a reference the two sides' raw ids must not
 * be taken for each other. Of a field whose changes are confirmed, just the value that was on the screen is.
 */
export function basesAfterChoice(
	{ type, confirm }: Pick<FieldRule, 'type' | 'confirm'>,
	winner: 'internal' | 'external',
	values: { internal: Value; external: Value }
): { internal: Value; external: Value } {
	if (confirm && winner === 'external') return { ...values, external: confirmedBase(type, values.external) };
	const loser = winner === 'internal' ? values.external : values.internal;
	if (!isPointing(type)) return { internal: loser, external: loser };
	return { ...values, [winner]: values[winner] === null ? elsewhere : null };
}

function lookedUp(links: ReferenceLinks | undefined, side: 'internal' | 'external', id: string): string | undefined {
	const ids = side === 'internal' ? links?.toExternal : links?.toInternal;
	return ids && Object.hasOwn(ids, id) ? ids[id] : undefined;
}
