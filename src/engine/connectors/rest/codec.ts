import { canonical, roundDecimal, type FieldType, type Value } from '#src/sync/fields.ts';
import type { FieldCodec } from '../connector.ts';
import { JsonNumber } from '../parse-json.ts';
import { beginning, unstorable } from '../plain-text.ts';
import { digitsMax, plainDecimal, shiftLeft } from './decimal-text.ts';
import type { RestField, StoredField, WrittenField } from './field-settings.ts';
import { decodeLines } from './lines-codec.ts';
import { createMomentCodec } from './moment.ts';
import { converted } from './unit.ts';

/** What reading one value came to: a value, or words on why this very value cannot be held by us. */
export type Decoded = { value: Value } | { unreadable: string } | { drift: string };

const decimals: ReadonlySet<RestField['as']> = new Set(['decimal-text', 'number', 'minor-units']);

type Decimal = Extract<RestField, { as: 'decimal-text' | 'number' | 'minor-units' }>;
type Enum = Extract<RestField, { as: 'enum' }>;
type Time = Extract<RestField, { as: 'day' | 'moment' }>;

function typeOf(field: RestField): FieldType {
	if (isDecimal(field)) return 'decimal';
	if (field.as === 'lines') return 'lines';
	if (field.as === 'boolean' || (field.as === 'enum' && isFlag(field))) return 'boolean';
	return field.as === 'constant' && typeof field.value === 'boolean' ? 'boolean' : 'text';
}

/** The channel has the last word on it. */
function isReceived(field: RestField): boolean {
	return field.as === 'constant' || field.as === 'lines' || field.readOnly === true;
}

function isDecimal(field: RestField): field is Decimal {
	return decimals.has(field.as);
}

function isFlag({ values }: Enum): boolean {
	return Object.keys(values).every((ours) => ours === 'true' || ours === 'false');
}

/** How this field looks at the channel. */
export function codecOf(field: RestField): FieldCodec {
	const type = typeOf(field);
	const readOnly = isReceived(field);
	return {
		name: field.name,
		type,
		label: field.label,
		normal: (value) => normalOf(field, type, value),
		...(readOnly && { readOnly }),
		...((field.as === 'decimal-text' || field.as === 'number') && field.negative && { negative: true as const }),
		...(field.as === 'text' && field.table !== undefined && { table: field.table })
	};
}

function normalOf(field: RestField, type: FieldType, value: Value): Value {
	const plain = canonical(type, value);
	if (typeof plain !== 'string') return plain;
	if (isDecimal(field)) return canonical('decimal', keptOf(field, plain));
	if (field.as === 'list') return canonical('text', elementsOf(plain, field.separator).join(field.separator));
	if (field.as === 'day' || field.as === 'moment') return timeOf(field, plain) ?? plain;
	if (field.as !== 'text') return plain;
	if (field.letters === 'upper') return canonical(type, plain.toUpperCase());
	return field.letters === 'lower' ? canonical(type, plain.toLowerCase()) : plain;
}

/** What the channel keeps of a number of ours, in our unit. */
function keptOf(field: Decimal, ours: string): string {
	if (field.as === 'minor-units' || field.unit === undefined) return rounded(field, ours);
	return converted(theirsOf(field, ours), field.unit.theirs, field.unit.ours);
}

/** A number of ours in the channel's unit, with the digits that it keeps. */
function theirsOf(field: Decimal, ours: string): string {
	if (field.as === 'minor-units' || field.unit === undefined) return rounded(field, ours);
	return rounded(field, converted(ours, field.unit.ours, field.unit.theirs));
}

/** A quantity that was converted has no end of its own. */
const convertedScale = 6;

function rounded(field: Decimal, text: string): string {
	const scale = field.scale ?? (field.as !== 'minor-units' && field.unit ? convertedScale : undefined);
	return scale === undefined ? text : roundDecimal(text, scale);
}

function elementsOf(text: string, separator: string): string[] {
	const parts = text.split(separator.trim() === '' ? separator : separator.trim()).map((part) => part.trim());
	return parts.filter((part) => part !== '');
}

/** The channel's JSON as a value. `drift` = the channel's API is not what the settings say. */
export function decode(field: RestField, json: unknown): Decoded {
	if (field.as === 'constant') return { value: field.value };
	if (field.as === 'lines') return json === null ? { value: null } : decodeLines(field, json);
	if (json === null || (json === false && field.empty === 'false')) return { value: null };
	if (field.as === 'boolean') return typeof json === 'boolean' ? { value: json } : drift(field, json);
	if (field.as === 'enum') return decodeEnum(field, json);
	if (field.as === 'list') return decodeList(field, json);
	const text = json instanceof JsonNumber ? json.text : json;
	if (typeof text !== 'string') return drift(field, json);
	if (field.as === 'text') return decodeText(text);
	if (isDecimal(field)) return decodeDecimal(field, text, json);
	return decodeTime(field, text, json);
}

function decodeText(text: string): Decoded {
	const why = unstorable(text);
	return why === null ? { value: text } : { unreadable: why };
}

function decodeDecimal(field: Decimal, text: string, json: unknown): Decoded {
	if (field.as === 'number' && !(json instanceof JsonNumber)) return drift(field, json);
	if (text.trim() === '') return { value: null };
	const decimal = plainDecimal(text.trim());
	if (decimal === null)
		return { unreadable: `"${beginning(text, 50)}" is not a number of at most ${digitsMax} digits` };
	if (field.as !== 'minor-units') {
		return { value: field.unit ? converted(decimal, field.unit.theirs, field.unit.ours) : decimal };
	}
	return decimal.includes('.') ? drift(field, json) : { value: shiftLeft(decimal, field.scale) };
}

function decodeEnum(field: Enum, json: unknown): Decoded {
	const text = json instanceof JsonNumber ? json.text : json;
	if (typeof text !== 'string' && typeof text !== 'boolean') return drift(field, json);
	const found = Object.entries(field.values).find(([, theirs]) => String(theirs) === String(text));
	if (!found) {
		if (text === '') return { value: null };
		return { unreadable: `"${beginning(String(text), 50)}" is none of the values that the settings name` };
	}
	return { value: isFlag(field) ? found[0] === 'true' : found[0] };
}

function decodeList(field: Extract<RestField, { as: 'list' }>, json: unknown): Decoded {
	if (!Array.isArray(json)) return drift(field, json);
	const texts = json.map((one: unknown) => (one instanceof JsonNumber ? one.text : one));
	if (!texts.every((one) => typeof one === 'string')) return drift(field, json);
	return decodeText(texts.join(field.separator));
}

function decodeTime(field: Time, text: string, json: unknown): Decoded {
	if (text.trim() === '') return { value: null };
	if (field.as === 'day' && field.format === 'iso' && /^\d{4}-\d\d-\d\d$/.test(text.trim()))
		return { value: text.trim() };
	const moment = momentsOf(field).decode(json);
	if (moment === null) return { unreadable: `"${beginning(text, 50)}" is no ${field.as} as the settings describe it` };
	return { value: field.as === 'moment' ? moment : dayIn(field, moment) };
}

function momentsOf({ format, zone }: Time) {
	return createMomentCodec({ format, zone, resolution: 'microsecond' });
}

/** The day that a moment is in, by the channel's calendar. */
function dayIn(field: Time, moment: string): string {
	return momentsOf(field).encode(moment, 'YYYY-MM-DD');
}

/** A day or moment of ours in its usual form, or null where the text is none. */
function timeOf(field: Time, text: string): string | null {
	if (field.as === 'moment')
		return createMomentCodec({ format: 'iso', zone: 'UTC', resolution: 'second' }).decode(text);
	return /^\d{4}-\d\d-\d\d$/.test(text) ? text : null;
}

function drift(field: StoredField, json: unknown): Decoded {
	const found = json instanceof JsonNumber ? 'number' : Array.isArray(json) ? 'array' : typeof json;
	return { drift: `"${field.at}" should be ${field.as} and is ${found}` };
}

/** A value as the JSON text that the channel expects. A value that it cannot hold has a `refusalOf`. */
export function encode(field: WrittenField, value: Value): string {
	const plain = canonical(typeOf(field), value);
	if (plain === null) {
		if (field.as === 'list') return '[]';
		if (field.empty === 'false') return 'false';
		return field.empty === 'blank' && !isDecimal(field) && field.as !== 'boolean' ? '""' : 'null';
	}
	if (isDecimal(field)) return encodeDecimal(field, String(plain));
	if (field.as === 'boolean') return String(plain);
	if (field.as === 'enum') return JSON.stringify(field.values[String(plain)] ?? null);
	if (field.as === 'list') return JSON.stringify(elementsOf(String(plain), field.separator));
	if (field.as === 'text') return JSON.stringify(value);
	return encodeTime(field, timeOf(field, String(plain)) ?? String(plain));
}

function encodeDecimal(field: Decimal, plain: string): string {
	const theirs = theirsOf(field, plain);
	if (field.as === 'decimal-text') return JSON.stringify(theirs);
	return field.as === 'number' ? String(canonical('decimal', theirs)) : BigInt(theirs.replace('.', '')).toString();
}

function encodeTime(field: Time, text: string): string {
	if (field.as === 'day' && field.format === 'iso') return JSON.stringify(text);
	const moments = momentsOf(field);
	// A day is one in the channel's zone: its first moment there.
	const start =
		field.as === 'day'
			? createMomentCodec({ ...field, format: 'YYYY-MM-DD', resolution: 'second' }).decode(text)
			: text;
	const written = moments.encode(start ?? text);
	return moments.isNumber() ? written : JSON.stringify(written);
}

/** Why a value must not be sent, or null. */
export function refusalOf(field: RestField, value: Value): string | null {
	if (isReceived(field)) return `${field.label} cannot be written at this channel`;
	if (value === null || value === '') return null;
	if (field.as === 'enum' && !Object.hasOwn(field.values, String(canonical(typeOf(field), value)))) {
		return `${field.label} "${beginning(String(value), 50)}" has no counterpart in the settings of this channel`;
	}
	if ((field.as === 'day' || field.as === 'moment') && timeOf(field, String(value).trim()) === null) {
		return `${field.label} "${beginning(String(value), 50)}" is no ${field.as}`;
	}
	if (field.as !== 'text' || field.maxLength === undefined || typeof value !== 'string') return null;
	const length = [...value].length;
	return length > field.maxLength ? `${field.label} has ${length} characters, at most ${field.maxLength} fit` : null;
}
