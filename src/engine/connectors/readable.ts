import type { Fields, Value } from '#src/sync/fields.ts';
import type { FieldCodec } from './connector.ts';
import { unstorable } from './plain-text.ts';

/** The normal forms of these fields, which is what gets written. Read-only and unknown fields are left out. */
export function normalForms(codecs: readonly FieldCodec[], fields: Fields): Record<string, Value> {
	const normal: Record<string, Value> = {};
	for (const codec of codecs) {
		const value = fields[codec.name];
		if (value !== undefined) normal[codec.name] = codec.normal(value);
	}
	return normal;
}

/** More digits than any price of ours can have. */
const digitsMax = 40;

/** The values that we can hold, and why the others cannot be held: they cost their own record only, not the page. */
export function readable(
	codecs: readonly FieldCodec[],
	values: Fields
): { fields: Fields; unreadable?: Readonly<Record<string, string>> } {
	const fields: Record<string, Value> = {};
	const unreadable: Record<string, string> = {};
	for (const { name, type } of codecs) {
		const value = values[name];
		if (value === undefined) continue;
		const tooLong = type === 'decimal' && String(value).length > digitsMax + '-.'.length;
		const why = tooLong ? `it has more than ${digitsMax} digits` : typeof value === 'string' ? unstorable(value) : null;
		if (why === null) fields[name] = value;
		else unreadable[name] = why;
	}
	return Object.keys(unreadable).length > 0 ? { fields, unreadable } : { fields };
}
