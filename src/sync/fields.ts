import { canonicalDecimal, negated, sumDecimals } from './decimal.ts';
import { canonicalLines } from './order-lines.ts';
import { canonicalText } from './canonical-text.ts';

/** One synced value. Money and quantities are decimal text ("12.50"), never a number. `null` = no value. */
export type Value = string | boolean | null;

/** The synced values of one record, by field name. An absent key means "not known here", never "empty". */
export type Fields = Readonly<Record<string, Value>>;

/**
 * `reference`: the raw id of a record of another entity, ours on our side, the channel's own on its side. `time`: a moment, ISO
 * UTC text. `lines`: a list of order lines as JSON text (`order-lines.ts`), whose products are raw ids of its side.
 */
export type FieldType = 'text' | 'decimal' | 'boolean' | 'reference' | 'time' | 'lines';

/**
 * The form in which two values of a field are compared; the values themselves are kept as they came.
 * Text: NFC, line ends as \n, outer white space ignored, empty = no value. Decimal: no superfluous zeros, no "-0". Time: with
 * microseconds. Lines: in the order of their numbers, each part in the form of its type.
 */
export function canonical(type: FieldType, value: Value): Value {
	if (value === null) return null;
	if (type === 'boolean') return value === true || value === 'true';
	if (type === 'decimal') return canonicalDecimal(String(value));
	if (type === 'lines') return canonicalLines(String(value));
	const text = canonicalText(String(value));
	return type === 'time' && text !== null ? (momentText(text) ?? text) : text;
}

/** A moment in ISO UTC text with six digits of a second, which sorts as text; null for anything else. */
export function momentText(text: string): string | null {
	const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/.exec(text);
	return match?.[1] === undefined ? null : `${match[1]}.${(match[2] ?? '').padEnd(6, '0')}Z`;
}

/** Decimal text less other decimal texts, exactly; what is no number counts as nothing. */
export function lessDecimals(start: string, others: readonly string[]): string {
	return sumDecimals([start, ...others.map(negated)]);
}

/** Whether one decimal text is less than another. */
export function isBelow(one: string, other: string): boolean {
	return lessDecimals(one, [other]).startsWith('-');
}

/** Rounds decimal text half away from zero to `scale` digits, without passing through a binary float. */
export function roundDecimal(text: string, scale: number): string {
	const plain = canonicalDecimal(text);
	const match = plain === null ? null : /^(-?)(\d+)(?:\.(\d+))?$/.exec(plain);
	if (!match) return text;
	const fraction = (match[3] ?? '').padEnd(scale + 1, '0');
	let units = BigInt((match[2] ?? '0') + fraction.slice(0, scale));
	if ((fraction[scale] ?? '0') >= '5') units += 1n;
	const digits = units.toString().padStart(scale + 1, '0');
	const rounded = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
	return match[1] === '-' && units !== 0n ? `-${rounded}` : rounded;
}
