import { m } from '../paraglide/messages.js';

export type Shown = string | boolean | null | undefined;

/** A value as a person reads it: "empty", "yes", decimals without superfluous zeros. */
export function valueWords(value: Shown, type = 'text'): string {
	if (value === undefined) return m.value_unknown();
	if (value === null || value === '') return m.value_empty();
	if (type === 'boolean' || typeof value === 'boolean')
		return value === true || value === 'true' ? m.value_yes() : m.value_no();
	return type === 'decimal' ? decimalWords(value) : value;
}

/** "12.500000" -> "12.50", "3" -> "3.00", "0.125" stays. Anything that is no plain decimal stays as it is. */
export function decimalWords(text: string): string {
	const match = /^(-?\d+)(?:\.(\d*))?$/.exec(text);
	if (!match) return text;
	const fraction = (match[2] ?? '').replace(/0+$/, '');
	return `${match[1]}.${fraction.padEnd(2, '0')}`;
}
