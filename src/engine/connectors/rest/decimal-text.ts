/** More digits than any price or quantity of ours can have. */
export const digitsMax = 40;

/** Decimal text without an exponent, or null. "1.5e3" -> "1500". */
export function plainDecimal(text: string): string | null {
	const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text);
	if (!match) return null;
	const [, sign = '', whole = '', fraction = '', exponent] = match;
	if (whole + fraction === '') return null;
	const minus = sign === '-' ? '-' : '';
	const shift = Number(exponent ?? 0);
	if (Math.abs(shift) + whole.length + fraction.length > digitsMax) return null;
	if (shift === 0) return `${minus}${whole || '0'}${fraction === '' ? '' : `.${fraction}`}`;
	const digits = (whole + fraction).padEnd(whole.length + shift, '0').padStart(fraction.length - shift + 1, '0');
	const point = digits.length - Math.max(0, fraction.length - shift);
	const rest = digits.slice(point);
	return `${minus}${digits.slice(0, point) || '0'}${rest === '' ? '' : `.${rest}`}`;
}

/** A whole number of the smallest unit as decimal text. */
export function shiftLeft(whole: string, places: number): string {
	const minus = whole.startsWith('-') ? '-' : '';
	const digits = whole.slice(minus.length).padStart(places + 1, '0');
	return places === 0 ? whole : `${minus}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
