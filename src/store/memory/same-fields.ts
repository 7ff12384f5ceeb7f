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

/** Equality as jsonb: the order of keys does not matter, an undefined field is none. */
export function sameJson(one: unknown, other: unknown): boolean {
	if (one === other) return true;
	if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
	if (Array.isArray(one) !== Array.isArray(other)) return false;
	return covers(one, other) && covers(other, one);
}

function covers(one: object, other: object): boolean {
	for (const key in other) {
		if (!sameJson((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key])) return false;
	}
	return true;
}
