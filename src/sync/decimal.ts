/** Decimal text without superfluous zeros and "-0"; null for an empty text; what is no number stays as it is. */
export function canonicalDecimal(text: string): string | null {
	const trimmed = text.trim();
	if (trimmed === '') return null;
	const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(trimmed);
	if (!match || !/\d/.test(trimmed)) return trimmed;
	const whole = (match[2] ?? '').replace(/^0+(?=\d)/, '') || '0';
	const fraction = (match[3] ?? '').replace(/0+$/, '');
	const number = fraction === '' ? whole : `${whole}.${fraction}`;
	return match[1] === '-' && number !== '0' ? `-${number}` : number;
}

/** The sum of decimal texts, exactly; what is no number counts as nothing. */
export function sumDecimals(texts: readonly string[]): string {
	const parts = texts.map(partsOf);
	const scale = Math.max(0, ...parts.map(({ fraction }) => fraction.length));
	return decimalText(
		parts.reduce((sum, part) => sum + unitsOf(part, scale), 0n),
		scale
	);
}

/** The product of two decimal texts, exactly; what is no number counts as nothing. */
export function timesDecimals(one: string, other: string): string {
	const [left, right] = [partsOf(one), partsOf(other)];
	const units = unitsOf(left, left.fraction.length) * unitsOf(right, right.fraction.length);
	return decimalText(units, left.fraction.length + right.fraction.length);
}

/** The same amount with the other sign. */
export function negated(text: string): string {
	return timesDecimals(text, '-1');
}

type Parts = { isNegative: boolean; whole: string; fraction: string };

function partsOf(text: string): Parts {
	const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(canonicalDecimal(text) ?? '');
	return { isNegative: match?.[1] === '-', whole: match?.[2] ?? '0', fraction: match?.[3] ?? '' };
}

function unitsOf({ isNegative, whole, fraction }: Parts, scale: number): bigint {
	const units = BigInt(whole + fraction.padEnd(scale, '0'));
	return isNegative ? -units : units;
}

function decimalText(units: bigint, scale: number): string {
	const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
	const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
	return canonicalDecimal(units < 0n ? `-${text}` : text) ?? '0';
}
