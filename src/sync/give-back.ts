import { canonical, type Fields, type FieldType, type Value } from './fields.ts';
import { isPointing } from './reference.ts';

/** One value that a journaled decision wrote. */
export type WrittenValue = {
	field: string;
	side: 'internal' | 'external';
	before: Value;
	after: Value;
	/** The value table that the channel's own value is in. */
	table?: string;
};

/** What is known now of the field that it was written to. */
export type FieldNow = {
	type: FieldType;
	/** The field must not be empty. */
	required: boolean;
	internal: Value;
	base: { internal: Fields; external: Fields } | null;
};

/**
 * Whether a write can be undone by itself: nothing was written over it since, as far as both sides are known, and the value
 * from before is another one that our record may hold. A write to the channel still stands where the last agreement holds
 * what was sent, and our record what it was sent from.
 */
export function canGiveBack({ field, side, before, after, table }: WrittenValue, now: FieldNow): boolean {
	const same = (one: Value, other: Value | undefined) =>
		other !== undefined && canonical(now.type, one) === canonical(now.type, other);
	// What the channel called another record by is no id of ours, and neither are its words ours.
	if ((isPointing(now.type) || table !== undefined) && side === 'external') return false;
	if (same(before, now.internal)) return false;
	if (canonical(now.type, before) === null && (now.required || now.type === 'boolean')) return false;
	if (side === 'internal') return same(after, now.internal);
	return same(after, now.base?.external[field]) && same(now.internal, now.base?.internal[field]);
}
