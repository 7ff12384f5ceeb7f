import { canonical, roundDecimal, type FieldType, type Value } from '#src/sync/fields.ts';
import type { FieldCodec } from '../connector.ts';
import { JsonNumber } from '../parse-json.ts';
import { beginning, unstorable } from '../plain-text.ts';
import type { RestField } from './settings.ts';

/** What reading one value came to: a value, or words on why this very value cannot be held by us. */
export type Decoded = { value: Value } | { unreadable: string } | { drift: string };

const typeOf: Readonly<Record<RestField['as'], FieldType>> = {
	text: 'text',
	'decimal-text': 'decimal',
	cents: 'decimal',
	number: 'decimal',
	boolean: 'boolean'
};

/** More digits than any price or quantity of ours can have. */
const digitsMax = 40;

/** How this field looks at the channel. */
export function codecOf(field: RestField): FieldCodec {
	const type = typeOf[field.as];
	return {
		name: field.name,
		type,
		label: field.label,
		normal: (value) => normalOf(field, type, value),
		...(field.readOnly && { readOnly: true })
	};
}

function normalOf(field: RestField, type: FieldType, value: Value): Value {
	const plain = canonical(type, value);
	if (typeof plain !== 'string') return plain;
	const scale = scaleOf(field);
	if (type === 'decimal') return scale === undefined ? plain : canonical(type, roundDecimal(plain, scale));
	if (field.letters === 'upper') return canonical(type, plain.toUpperCase());
	return field.letters === 'lower' ? canonical(type, plain.toLowerCase()) : plain;
}

function scaleOf(field: RestField): number | undefined {
	return field.scale ?? (field.as === 'cents' ? 2 : undefined);
}

/** The channel's JSON as a value. `drift` = the channel's API is not what the settings say. */
export function decode(field: RestField, json: unknown): Decoded {
	if (json === null) return { value: null };
	if (field.as === 'boolean') return typeof json === 'boolean' ? { value: json } : drift(field, json);
	const text = json instanceof JsonNumber ? json.text : json;
	if (typeof text !== 'string') return drift(field, json);
	if (field.as === 'text') return decodeText(text);
	if (field.as === 'number' && !(json instanceof JsonNumber)) return drift(field, json);
	if (text.trim() === '') return { value: null };
	const decimal = plainDecimal(text.trim());
	if (decimal === null)
		return { unreadable: `"${beginning(text, 50)}" is not a number of at most ${digitsMax} digits` };
	if (field.as !== 'cents') return { value: decimal };
	return decimal.includes('.') ? drift(field, json) : { value: shiftLeft(decimal, scaleOf(field) ?? 2) };
}

function decodeText(text: string): Decoded {
	const why = unstorable(text);
	return why === null ? { value: text } : { unreadable: why };
}

function drift(field: RestField, json: unknown): Decoded {
	const found = json instanceof JsonNumber ? 'number' : Array.isArray(json) ? 'array' : typeof json;
	return { drift: `"${field.field}" should be ${field.as} and is ${found}` };
}

/** Decimal text without an exponent, or null. "1.5e3" -> "1500". */
function plainDecimal(text: string): string | null {
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

function shiftLeft(whole: string, places: number): string {
	const minus = whole.startsWith('-') ? '-' : '';
	const digits = whole.slice(minus.length).padStart(places + 1, '0');
	return places === 0 ? whole : `${minus}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** A value as the JSON text that the channel expects. */
export function encode(field: RestField, value: Value): string {
	const type = typeOf[field.as];
	const plain = canonical(type, value);
	if (plain === null) return field.empty === 'blank' && type === 'text' ? '""' : 'null';
	if (type === 'boolean') return String(plain);
	if (type === 'text') return JSON.stringify(value);
	const scale = scaleOf(field);
	const rounded = scale === undefined ? String(plain) : roundDecimal(String(plain), scale);
	if (field.as === 'decimal-text') return JSON.stringify(rounded);
	if (field.as === 'number') return String(canonical('decimal', rounded));
	return BigInt(rounded.replace('.', '')).toString();
}

/** Why a value must not be sent, or null. */
export function refusalOf(field: RestField, value: Value): string | null {
	if (field.readOnly) return `${field.label} cannot be written at this channel`;
	if (field.maxLength === undefined || typeof value !== 'string') return null;
	const length = [...value].length;
	return length > field.maxLength ? `${field.label} has ${length} characters, at most ${field.maxLength} fit` : null;
}
