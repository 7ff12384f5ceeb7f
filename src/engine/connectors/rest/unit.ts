/** Units by what they measure; each as a fraction of the first, exactly. */
const units = {
	kg: ['mass', 1n, 1n],
	g: ['mass', 1n, 1000n],
	mg: ['mass', 1n, 1_000_000n],
	t: ['mass', 1000n, 1n],
	lb: ['mass', 45_359_237n, 100_000_000n],
	oz: ['mass', 45_359_237n, 1_600_000_000n],
	m: ['length', 1n, 1n],
	cm: ['length', 1n, 100n],
	mm: ['length', 1n, 1000n],
	in: ['length', 254n, 10_000n],
	ft: ['length', 3048n, 10_000n],
	l: ['volume', 1n, 1n],
	ml: ['volume', 1n, 1000n]
} as const satisfies Record<string, readonly [string, bigint, bigint]>;

export type Unit = keyof typeof units;

export const unitNames = Object.keys(units) as [Unit, ...Unit[]];

/** Whether both measure the same kind of thing. */
export function isUnitPair(one: Unit, other: Unit): boolean {
	return units[one][0] === units[other][0];
}

/** Digits behind the point where a conversion does not end. */
const longestFraction = 12;

/** Decimal text in another unit: exact where it ends within 12 digits, else rounded half away from zero to those. */
export function converted(decimal: string, from: Unit, to: Unit): string {
	const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? [];
	if (whole === '') return decimal;
	const [, upFrom, downFrom] = units[from];
	const [, upTo, downTo] = units[to];
	const top = BigInt(whole + fraction) * upFrom * downTo * 10n ** BigInt(longestFraction);
	const bottom = 10n ** BigInt(fraction.length) * downFrom * upTo;
	const rounded = (2n * top + bottom) / (2n * bottom);
	const digits = rounded.toString().padStart(longestFraction + 1, '0');
	const rest = digits.slice(-longestFraction).replace(/0+$/, '');
	return `${sign}${digits.slice(0, -longestFraction)}${rest === '' ? '' : `.${rest}`}`;
}
