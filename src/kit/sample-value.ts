import type { RestField } from '#src/engine/connectors/rest/field-settings.ts';
import type { Value } from '#src/sync/fields.ts';

const numbers = ['4006381333931', '4006381333948', '4006381333955'];

/**
 * Another value than `now` for a field of a service that is checked; undefined where it is not written to. `mark` makes
 * codes unique, `number` tells tries apart.
 */
export function sampleValue(field: RestField, now: Value, mark: string, number: number): Value | undefined {
	if (field.as === 'constant' || field.as === 'lines' || field.readOnly) return undefined;
	switch (field.as) {
		case 'boolean':
			return now !== true;
		case 'enum':
			return anotherOf(Object.keys(field.values), now);
		case 'decimal-text':
		case 'number':
		case 'minor-units':
			return String(number + 12 + (now === String(number + 12) ? 1 : 0));
		case 'day':
			return `2026-01-${String((number % 27) + 1).padStart(2, '0')}`;
		case 'moment':
			return `2026-01-${String((number % 27) + 1).padStart(2, '0')}T12:00:00Z`;
		case 'list':
			return `check${number}`;
		case 'text':
			return textFor(field.name, now, mark, number).slice(0, field.maxLength);
	}
}

function anotherOf(ours: readonly string[], now: Value): Value | undefined {
	const isFlag = ours.every((one) => one === 'true' || one === 'false');
	const other = ours.find((one) => one !== String(now));
	if (other === undefined) return undefined;
	return isFlag ? other === 'true' : other;
}

function textFor(name: string, now: Value, mark: string, number: number): string {
	if (name === 'email') return `check-${mark}-${number}@example.com`.toLowerCase();
	if (name === 'phone') return `+4144000${String(number).padStart(4, '0')}`;
	if (name === 'gtin') return numbers.find((gtin) => gtin !== now) ?? '';
	if (name === 'currency') return now === 'EUR' ? 'CHF' : 'EUR';
	if (name === 'value') return `CM${mark}${number}`;
	return `Check ${number} ${mark}`;
}
