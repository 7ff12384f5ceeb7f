import type { EntityField } from '#src/entities/entity.ts';
import { momentText, roundDecimal, type Value } from '#src/sync/fields.ts';
import { canonicalDecimal } from '#src/sync/decimal.ts';
import { linesText, parseLines, type OrderLine } from '#src/sync/order-lines.ts';
import { DatabaseError } from './database-error.ts';

const plainNumeric = /^-?(?:0|[1-9]\d{0,12})\.\d{6}$/;
const anyNumeric = /^\s*([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,3}))?\s*$/;
const digitsBeforePoint = 13;

/** What the column of a field holds after this value was assigned to it: decimals as numeric(19,6), booleans cast from text. */
export function columnValue(field: EntityField, value: Value): Value {
	if (value === null) return null;
	if (field.type === 'decimal') return numericText(String(value));
	if (field.type === 'boolean') return value === true || value === 'true';
	if (field.type === 'time') return momentValue(String(value));
	if (field.type === 'lines') return linesValue(String(value));
	return String(value);
}

/** What the trigger makes of a moment: only the form that the engine writes is known here. */
function momentValue(text: string): string | null {
	if (text === '') return null;
	const moment = momentText(text);
	if (moment === null)
		throw new DatabaseError('22007', `invalid input syntax for type timestamp with time zone: "${text}"`);
	return moment;
}

/** What the trigger makes of a list of lines: numbers have at most six digits after the point. */
function linesValue(text: string): string | null {
	const lines = parseLines(text);
	if (lines === null) throw new DatabaseError('22P02', 'invalid input syntax for type json');
	return linesText(lines.map((line) => ({ ...line, ...roundedParts(line) })));
}

function roundedParts({ quantity, price, amount, tax }: OrderLine) {
	const kept = (value: string | null) => (value === null ? null : canonicalDecimal(numericText(value)));
	return { quantity: kept(quantity), price: kept(price), amount: kept(amount), tax: kept(tax) };
}

/** Text of a numeric(19,6) that was given as this text. Throws what PostgreSQL would where it is none, or too large. */
function numericText(text: string): string {
	if (plainNumeric.test(text) && text !== '-0.000000') return text;
	const match = anyNumeric.exec(text);
	if (!match?.[2]) throw new DatabaseError('22P02', `invalid input syntax for type numeric: "${text}"`);
	const rounded = roundDecimal(`${match[1] === '-' ? '-' : ''}${withoutExponent(match[2], Number(match[3] ?? 0))}`, 6);
	const whole = rounded.replace('-', '').split('.')[0] ?? '';
	if (whole.length > digitsBeforePoint) throw new DatabaseError('22003', 'numeric field overflow');
	return rounded;
}

function withoutExponent(digits: string, exponent: number): string {
	if (exponent === 0) return digits;
	const [whole = '', fraction = ''] = digits.split('.');
	const point = whole.length + exponent;
	const all = `${whole}${fraction}`;
	if (point <= 0) return `0.${'0'.repeat(-point)}${all}`;
	return `${all.slice(0, point).padEnd(point, '0')}.${all.slice(point)}`;
}
