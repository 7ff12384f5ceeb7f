/** One synced value. Money and quantities are decimal text ("12.50"), never a number. `null` = no value. */
export type Value = string | boolean | null;

/** The synced values of one record, by field name. An absent key means "not known here", never "empty". */
export type Fields = Readonly<Record<string, Value>>;

/** `reference`: the raw id of a record of another entity, ours on our side, the channel's own on its side. */
export type FieldType = 'text' | 'decimal' | 'boolean' | 'reference';

/**
 * The form in which two values of a field are compared; the values themselves are kept as they came.
 * Text: NFC, line ends as \n, outer white space ignored, empty = no value. Decimal: no superfluous zeros, no "-0".
 */
export function canonical(type: FieldType, value: Value): Value {
	if (value === null) return null;
	if (type === 'boolean') return value === true || value === 'true';
	if (type === 'decimal') return canonicalDecimal(String(value));
	const text = String(value).normalize('NFC').replace(/\r\n?/g, '\n').trim();
	return text === '' ? null : text;
}

function canonicalDecimal(text: string): string | null {
	const trimmed = text.trim();
	if (trimmed === '') return null;
	const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(trimmed);
	if (!match || !/\d/.test(trimmed)) return trimmed;
	const whole = (match[2] ?? '').replace(/^0+(?=\d)/, '') || '0';
	const fraction = (match[3] ?? '').replace(/0+$/, '');
	const number = fraction === '' ? whole : `${whole}.${fraction}`;
	return match[1] === '-' && number !== '0' ? `-${number}` : number;
}

/** Decimal text less other decimal texts, exactly; what is no number counts as nothing. */
export function lessDecimals(start: string, others: readonly string[]): string {
	const parts = [start, ...others].map(
		(text) => /^(-?)(\d+)(?:\.(\d+))?$/.exec(canonicalDecimal(text) ?? '') ?? ['', '', '0', '']
	);
	const scale = Math.max(...parts.map(([, , , fraction = '']) => fraction.length));
	const [first = 0n, ...rest] = parts.map(([, sign = '', whole = '0', fraction = '']) => {
		const units = BigInt(whole + fraction.padEnd(scale, '0'));
		return sign === '-' ? -units : units;
	});
	const units = rest.reduce((left, each) => left - each, first);
	const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
	const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
	return canonicalDecimal(units < 0n ? `-${text}` : text) ?? '0';
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
