import { m } from '../paraglide/messages.js';
import { linesWords } from './line-words.ts';

export type Shown = string | boolean | null | undefined;

/** A value as a person reads it: "empty", "yes", decimals without superfluous zeros. */
export function valueWords(value: Shown, type = 'text'): string {
	if (value === undefined) return m.value_unknown();
	if (value === null || value === '') return m.value_empty();
	if (type === 'boolean' || typeof value === 'boolean')
		return value === true || value === 'true' ? m.value_yes() : m.value_no();
	if (type === 'lines') return linesWords(value);
	if (type === 'time') return momentWords(value);
	return type === 'decimal' ? decimalWords(value) : value;
}

/** "12.500000" -> "12.50", "3" -> "3.00", "0.125" stays. Anything that is no plain decimal stays as it is. */
export function decimalWords(text: string): string {
	const match = /^(-?\d+)(?:\.(\d*))?$/.exec(text);
	if (!match) return text;
	const fraction = (match[2] ?? '').replace(/0+$/, '');
	return `${match[1]}.${fraction.padEnd(2, '0')}`;
}

/** "2026-11-29T08:00:00.000000Z" -> "2026-11-29 08:00:00 UTC". Anything else stays as it is. */
function momentWords(text: string): string {
	const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(text);
	if (!match) return text;
	const fraction = (match[3] ?? '').replace(/0+$/, '');
	return `${match[1]} ${match[2]}${fraction === '' ? '' : `.${fraction}`} UTC`;
}
