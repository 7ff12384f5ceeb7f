import { z } from 'zod';
import { ConnectorError } from '../error.ts';
import { isoUtc } from '../iso-time.ts';

const datePart = z.number().int().nonnegative().max(999_999);

/** How Tryton's JSON-RPC writes what plain JSON cannot: dates are naive and always UTC. */
export const wireDateTime = z
	.object({
		__class__: z.literal('datetime'),
		year: datePart,
		month: datePart,
		day: datePart,
		hour: datePart,
		minute: datePart,
		second: datePart,
		microsecond: datePart
	})
	.refine((moment) => isoUtc(isoOf(moment)) !== null, 'is no moment');
export type WireDateTime = z.output<typeof wireDateTime>;

/** A day, without a zone. */
export const wireDate = z
	.object({ __class__: z.literal('date'), year: datePart, month: datePart, day: datePart })
	.refine((day) => isoUtc(`${dayOf(day)}T00:00:00Z`) !== null, 'is no day');

/** "2026-11-28". */
export function dayOf({ year, month, day }: Pick<Moment, 'year' | 'month' | 'day'>): string {
	return [String(year).padStart(4, '0'), ...[month, day].map((part) => String(part).padStart(2, '0'))].join('-');
}

/** Decimal text without an exponent. */
export const wireDecimal = z
	.object({ __class__: z.literal('Decimal'), decimal: z.string().regex(/^-?\d+(\.\d+)?(E[+-]?\d{1,3})?$/i) })
	.transform((wire) => plainDecimal(wire.decimal));

/** Python writes very small and some round numbers with an exponent: "0E-8", "1E+3". */
function plainDecimal(text: string): string {
	const [mantissa = '', exponent = '0'] = text.toUpperCase().split('E');
	const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
	const digits = whole + fraction;
	const scale = fraction.length - Number(exponent);
	const sign = mantissa.startsWith('-') ? '-' : '';
	if (scale <= 0) return sign + digits + '0'.repeat(-scale);
	const padded = digits.padStart(scale + 1, '0');
	return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/** Decimal text as Tryton wants it: plain numbers and text are taken too, but only until a module looks closer. */
export function toWireDecimal(text: string) {
	return { __class__: 'Decimal', decimal: text };
}

/** true and false on PostgreSQL, 1 and 0 on SQLite. */
export const wireFlag = z
	.union([z.boolean(), z.literal(0), z.literal(1), z.null()])
	.transform((flag) => flag === true || flag === 1);

export const wireId = z.number().int().nonnegative();

/** Columns that say when a row changed, and its tag for the precondition. */
export const wireStamps = { write_date: wireDateTime.nullable(), create_date: wireDateTime.nullable() };
export const wireTag = { ...wireStamps, _timestamp: z.string().nullable() };
export const stampNames = Object.keys(wireStamps);
export const tagNames = Object.keys(wireTag);

/** Names of columns of the row that `path` leads to. */
export function under(path: string, names: readonly string[]): readonly string[] {
	return names.map((name) => `${path}.${name}`);
}

/**
 * When a row last changed, as ISO text with microseconds. `write_date` is null until the first write, hence
 * `create_date`; null only for rows that were put in by SQL.
 */
export function stampOf(row: { write_date: WireDateTime | null; create_date: WireDateTime | null }): string | null {
	const moment = row.write_date ?? row.create_date;
	return moment === null ? null : isoOf(moment);
}

type Moment = Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'microsecond', number>;

function isoOf(moment: Moment): string {
	const two = (part: number) => String(part).padStart(2, '0');
	const time = `${two(moment.hour)}:${two(moment.minute)}:${two(moment.second)}`;
	return `${dayOf(moment)}T${time}.${String(moment.microsecond).padStart(6, '0')}Z`;
}

/** Stands for the stamp of a row that was put in by SQL, where one is needed. */
export const noStamp = '0001-01-01T00:00:00.000000Z';

/** The later one of stamps as `stampOf` writes them: equal width, so text order is time order. */
export function laterOf(left: string | null, right: string | null): string | null {
	if (left === null || right === null) return left ?? right;
	return left > right ? left : right;
}

/** ISO UTC text with 0 to 6 digits of a second to Tryton's form; no digit is lost in a Date. Throws `misconfigured`. */
export function toWireDateTime(iso: string): WireDateTime {
	const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)?(?:Z|\+00:?00)$/.exec(iso);
	if (!match) throw new ConnectorError('misconfigured', { hint: `"${iso}" is no time in ISO 8601 UTC.` });
	const part = (at: number) => Number(match[at]);
	return {
		__class__: 'datetime',
		year: part(1),
		month: part(2),
		day: part(3),
		hour: part(4),
		minute: part(5),
		second: part(6),
		microsecond: Number((match[7] ?? '').padEnd(6, '0'))
	};
}

/** Part of a search: [field, operator, value], lists of them (and), or ['OR', ...]. */
export type Domain = readonly unknown[];

/** Rows whose own stamp, or that of the row behind `path` ("template."), is at or after `since`. */
export function changedSince(since: WireDateTime, path = ''): Domain {
	const neverWritten = [
		[`${path}write_date`, '=', null],
		[`${path}create_date`, '>=', since]
	];
	return ['OR', [`${path}write_date`, '>=', since], neverWritten];
}

/** Rows whose own stamp, or that of the row behind `path`, is at or before `until`. */
export function changedUntil(until: WireDateTime, path = ''): Domain {
	const neverWritten = [
		[`${path}write_date`, '=', null],
		[`${path}create_date`, '<=', until]
	];
	return ['OR', [`${path}write_date`, '<=', until], neverWritten];
}

/** A text that `ilike` takes literally. */
export function literalPattern(text: string): string {
	return text.replace(/[\\%_]/g, '\\$&');
}
