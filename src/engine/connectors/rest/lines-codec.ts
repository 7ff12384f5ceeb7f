import { linesText, orderLineParts, parseLines } from '#src/sync/order-lines.ts';
import { JsonNumber } from '../parse-json.ts';
import { beginning, unstorable } from '../plain-text.ts';
import type { Decoded } from './codec.ts';
import { digitsMax, plainDecimal, shiftLeft } from './decimal-text.ts';
import type { RestField } from './field-settings.ts';
import { memberAt } from './json-place.ts';

type LinesField = Extract<RestField, { as: 'lines' }>;
type Part = (typeof orderLineParts)[number];

const money: ReadonlySet<Part> = new Set(['price', 'amount', 'tax']);
/** What a line may lack: a fee has no product. */
const optional: ReadonlySet<Part | 'line'> = new Set(['product', 'text', 'unit', 'amount', 'tax'] as const);
const words: ReadonlySet<Part> = new Set(['product', 'text', 'unit']);

/** The lines of an order from the channel's list of objects, as one value. */
export function decodeLines(field: LinesField, json: unknown): Decoded {
	if (!Array.isArray(json)) return { drift: `"${field.at}" should be a list of lines` };
	const lines: Record<string, string>[] = [];
	for (const [at, element] of json.entries()) {
		const line: Record<string, string> = {};
		for (const part of ['line', ...orderLineParts] as const) {
			const place = field[part];
			const found = place === undefined ? null : textAt(element, place);
			const text = found === undefined && optional.has(part) ? null : found;
			if (text === undefined) return { drift: `line ${at + 1} of "${field.at}" has no "${place ?? ''}"` };
			const value = text === null || part === 'line' ? { value: text } : valueOf(field, part, text);
			if ('unreadable' in value) return { unreadable: `line ${at + 1}: ${value.unreadable}` };
			if (value.value !== null) line[part] = value.value;
		}
		lines.push(line);
	}
	const parsed = parseLines(JSON.stringify(lines));
	return parsed ? { value: linesText(parsed) } : { unreadable: 'its lines have no whole numbers of their own' };
}

/** A text, or the digits of a number as they came; null for no value, undefined where there is nothing of that name. */
function textAt(element: unknown, place: string): string | null | undefined {
	const found = memberAt(element, place);
	if (found === null || typeof found === 'string') return found;
	return found instanceof JsonNumber ? found.text : undefined;
}

function valueOf(field: LinesField, part: Part, text: string): { value: string | null } | { unreadable: string } {
	if (words.has(part)) {
		const why = unstorable(text);
		return why === null ? { value: text } : { unreadable: why };
	}
	if (text.trim() === '') return { value: null };
	const decimal = plainDecimal(text.trim());
	if (decimal === null)
		return { unreadable: `"${beginning(text, 50)}" is not a number of at most ${digitsMax} digits` };
	if (field.minorUnits === undefined || !money.has(part)) return { value: decimal };
	if (decimal.includes('.')) return { unreadable: `"${beginning(text, 50)}" is no whole number of the smallest unit` };
	return { value: shiftLeft(decimal, field.minorUnits) };
}
