import { canonical, roundDecimal, type Value } from '#src/sync/fields.ts';
import type { FieldCodec } from '../connector.ts';
import type { MemoryField } from './options.ts';

/** What the channel stores when it is sent `value`. */
export function stored(field: MemoryField, value: Value): Value {
	const { rewrite } = field;
	if (typeof value !== 'string' || rewrite === undefined) return value;
	if (rewrite === 'trim') return value.trim();
	if (rewrite === 'mark-up') return value.replace(/<[^<>]*>/g, '');
	if (rewrite === 'upper') return value.toUpperCase();
	if (rewrite === 'squeeze') return value.trim().replace(/\s+/g, ' ');
	return roundDecimal(value, rewrite.round);
}

/** How the connector sees the field; a hidden rewriting it does not know. */
export function codecOf(field: MemoryField): FieldCodec {
	const { name, type, hidden, readOnly, table, negative } = field;
	return {
		name,
		type,
		label: name,
		normal(value) {
			const plain = canonical(type, value);
			return hidden ? plain : canonical(type, stored(field, plain));
		},
		...(readOnly && { readOnly }),
		...(table !== undefined && { table }),
		...(negative && { negative })
	};
}
