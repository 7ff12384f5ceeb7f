import type { Fields } from '#src/sync/fields.ts';

/** Equality of two jsonb objects of plain values. */
export function sameFields(one: Fields, other: Fields): boolean {
	return one === other || (contains(one, other) && contains(other, one));
}

/** `one @> other` of two jsonb objects of plain values. */
export function contains(one: Fields, other: Fields): boolean {
	for (const name in other) if (other[name] !== undefined && one[name] !== other[name]) return false;
	return true;
}
