import { writableFields, type Entity } from '#src/entities/entity.ts';
import { refusal, type Refusal } from '#src/store/refusal.ts';
import { momentText, type Fields, type Value } from '#src/sync/fields.ts';
import { parseLines } from '#src/sync/order-lines.ts';
import { isId } from './identifier.ts';

const wholeDigits = 13;

/**
 * What a person or program gave for a record as values to store: text trimmed, decimals as plain text within the column,
 * empty as no value. Refuses unknown fields, missing required ones (all of them where `complete`) and malformed values.
 */
export function recordFields(entity: Entity, given: Fields, complete: boolean): Fields | Refusal {
	const fields = writableFields(entity);
	const unknown = Object.keys(given).find((name) => !fields.some((field) => field.name === name));
	if (unknown !== undefined) {
		const derived = entity.fields.find(({ name }) => name === unknown);
		if (derived) return invalid(unknown, `${derived.label} follows from the other fields`);
		return invalid(unknown, `${entity.label.one} has no field "${unknown}"`);
	}
	const values: Record<string, Value> = {};
	for (const field of fields) {
		const value = given[field.name];
		if (value === undefined && !(complete && field.required)) continue;
		const stored = field.type === 'boolean' ? (value ?? false) : clean(value ?? null);
		if (stored === null && field.required) return invalid(field.name, `${field.label} must not be empty`);
		const wrong = stored === null ? null : mistake(field, stored);
		if (wrong) return invalid(field.name, `${field.label} ${wrong}`);
		values[field.name] = stored;
	}
	return values;
}

function clean(value: Value): Value {
	if (typeof value !== 'string') return value;
	const trimmed = value.trim();
	return trimmed === '' ? null : trimmed;
}

function mistake(field: Entity['fields'][number], value: string | boolean): string | null {
	if (field.type === 'boolean') return typeof value === 'boolean' ? null : 'must be true or false';
	if (typeof value !== 'string') return 'must be text';
	if (field.type === 'reference') return isId(value) ? null : 'must be the id of a record';
	if (field.type === 'time') return momentText(value) === null ? 'must be a moment like 2026-11-29T08:00:00Z' : null;
	if (field.type === 'lines')
		return parseLines(value) === null ? 'must be a list of lines, each with its own number' : null;
	if (field.type === 'decimal') {
		const match = /^-?(\d+)(?:\.(\d+))?$/.exec(value);
		const scale = field.scale ?? 6;
		if (!match) return 'must be a number like 12.50';
		if ((match[1] ?? '').replace(/^0+/, '').length > wholeDigits)
			return `must have at most ${wholeDigits} digits before the point`;
		return (match[2] ?? '').length > scale ? `must have at most ${scale} decimals` : null;
	}
	if (field.maxLength !== undefined && value.length > field.maxLength)
		return `must have at most ${field.maxLength} characters`;
	return value.includes('\0') ? 'must not contain a NUL character' : null;
}

function invalid(field: string, message: string): Refusal {
	return refusal('invalid', `${message}.`, 'Correct it and save again.', { field });
}
