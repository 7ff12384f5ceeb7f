import { isoUtc } from '../iso-time.ts';
import { JsonNumber } from '../parse-json.ts';

/** How a channel writes a moment. */
export type MomentSettings = {
	/** `iso`, `epoch-seconds`, `epoch-milliseconds`, or a pattern of YYYY MM DD hh mm ss and fff or ffffff. */
	format: string;
	/** IANA name of the zone of moments that carry none. */
	zone: string;
	resolution: 'microsecond' | 'millisecond' | 'second';
	/** A moment is written one step earlier, for a filter that leaves the very moment out. */
	excluded?: boolean | undefined;
};

/** Reads and writes the moments of one channel. */
export type MomentCodec = {
	/** ISO text in UTC with the digits that the channel sent, or null where this is no moment in the format. */
	decode(json: unknown): string | null;
	/** A moment (ISO 8601 UTC) as the channel writes it, cut to its resolution: never later than what was given. */
	encode(iso: string, format?: string): string;
	/** Whether moments are numbers in the channel's JSON. */
	isNumber(format?: string): boolean;
};

const tokens = /YYYY|MM|DD|hh|mm|ss|ffffff|fff/g;
const widths: Readonly<Record<string, string>> = {
	YYYY: '(\\d{4})',
	MM: '(\\d{2})',
	DD: '(\\d{2})',
	hh: '(\\d{2})',
	mm: '(\\d{2})',
	ss: '(\\d{2})',
	fff: '(\\d{1,3})',
	ffffff: '(\\d{1,6})'
};

/** Whether a format is one of ours or a pattern that says at least the day. */
export function isMomentFormat(format: string): boolean {
	if (/^(iso|epoch-seconds|epoch-milliseconds)$/.test(format)) return true;
	return ['YYYY', 'MM', 'DD'].every((token) => format.includes(token));
}

/** Whether this runtime knows the zone. */
export function isZone(zone: string): boolean {
	try {
		new Intl.DateTimeFormat('en', { timeZone: zone });
		return true;
	} catch {
		return false;
	}
}

/** Makes the codec of one format. */
export function createMomentCodec({ format: usual, zone, resolution, excluded }: MomentSettings): MomentCodec {
	const clock = zone === 'UTC' ? null : zoneClock(zone);
	const local = (text: string) => (clock === null ? isoUtc(text) : utcFrom(text, clock));
	return {
		decode(json) {
			const text = json instanceof JsonNumber ? json.text : json;
			if (typeof text !== 'string') return null;
			if (usual === 'epoch-seconds') return fromEpochSeconds(text);
			if (usual === 'epoch-milliseconds') return fromEpochMilliseconds(text);
			if (usual === 'iso') return /(Z|[+-]\d\d:?\d\d)$/.test(text.trim()) ? isoUtc(text) : local(text);
			const parts = localIso(text, usual);
			return parts === null ? null : local(parts);
		},
		encode(iso, format = usual) {
			const cut = excluded ? stepBefore(cutTo(iso, resolution), resolution) : cutTo(iso, resolution);
			if (format === 'iso') return cut;
			const [, fraction = ''] = /\.(\d+)Z$/.exec(cut) ?? [];
			const ms = Date.parse(cut.replace(/\.\d+Z$/, 'Z'));
			if (format === 'epoch-seconds') return `${ms / 1000}${fraction === '' ? '' : `.${fraction}`}`;
			if (format === 'epoch-milliseconds') return String(ms + Number(fraction.padEnd(3, '0').slice(0, 3)));
			const parts: Record<string, string> = {
				...(clock ?? utcClock)(ms),
				fff: fraction.padEnd(3, '0').slice(0, 3),
				ffffff: fraction.padEnd(6, '0')
			};
			return format.replace(tokens, (token) => parts[token] ?? token);
		},
		isNumber: (format = usual) => format.startsWith('epoch-')
	};
}

function cutTo(iso: string, resolution: MomentSettings['resolution']): string {
	if (resolution === 'second') return iso.replace(/\.\d+Z$/, 'Z');
	return resolution === 'millisecond' ? iso.replace(/(\.\d{3})\d+Z$/, '$1Z') : iso;
}

/** The moment one step of the resolution earlier. */
function stepBefore(iso: string, resolution: MomentSettings['resolution']): string {
	const micros = { microsecond: 1, millisecond: 1000, second: 1_000_000 }[resolution];
	const [, fraction = ''] = /\.(\d+)Z$/.exec(iso) ?? [];
	const inSecond = Number(fraction.padEnd(6, '0')) - micros;
	const second = Date.parse(iso.replace(/\.\d+Z$/, 'Z')) + (inSecond < 0 ? -1000 : 0);
	const rest = String(inSecond < 0 ? inSecond + 1_000_000 : inSecond).padStart(6, '0');
	return `${new Date(second).toISOString().slice(0, 19)}${/^0*$/.test(rest) ? '' : `.${rest}`}Z`;
}

const endOfTimeMs = Date.UTC(10_000, 0);

/** Digits are moved as text: a float would invent the last of them. */
function fromEpochSeconds(text: string): string | null {
	const [, whole, fraction = ''] = /^(\d{1,12})(?:\.(\d{1,12}))?$/.exec(text.trim()) ?? [];
	return whole === undefined ? null : secondAt(Number(whole) * 1000, fraction.slice(0, 6));
}

function fromEpochMilliseconds(text: string): string | null {
	const [, whole, fraction = ''] = /^(\d{1,15})(?:\.(\d{1,12}))?$/.exec(text.trim()) ?? [];
	if (whole === undefined) return null;
	return secondAt(Number(whole), whole.slice(-3).padStart(3, '0') + fraction.slice(0, 3));
}

function secondAt(ms: number, fraction: string): string | null {
	if (ms >= endOfTimeMs) return null;
	const second = new Date(ms).toISOString().slice(0, 19);
	return `${second}${fraction === '' ? '' : `.${fraction}`}Z`;
}

function localIso(text: string, format: string): string | null {
	const names: string[] = [];
	let pattern = '';
	let last = 0;
	for (const { 0: token, index } of format.matchAll(tokens)) {
		pattern += escaped(format.slice(last, index)) + (widths[token] ?? '');
		names.push(token);
		last = index + token.length;
	}
	const match = new RegExp(`^${pattern}${escaped(format.slice(last))}$`).exec(text.trim());
	if (!match) return null;
	const found = Object.fromEntries(names.map((name, at) => [name, match[at + 1] ?? '']));
	const fraction = found['ffffff'] ?? found['fff'];
	const time = `${found['hh'] ?? '00'}:${found['mm'] ?? '00'}:${found['ss'] ?? '00'}`;
	return `${found['YYYY']}-${found['MM']}-${found['DD']}T${time}${fraction ? `.${fraction}` : ''}`;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

type Parts = Record<'YYYY' | 'MM' | 'DD' | 'hh' | 'mm' | 'ss', string>;
type WallClock = (ms: number) => Parts;

/** A local time as UTC. An hour that a zone has twice counts as its first; one that it leaves out, as the hour after. */
function utcFrom(local: string, clock: WallClock): string | null {
	const asUtc = isoUtc(local);
	if (asUtc === null) return null;
	const wall = Date.parse(asUtc.replace(/\.\d+Z$/, 'Z'));
	const offsetAt = (ms: number) => msOf(clock(ms)) - ms;
	const candidates = [-86_400_000, 86_400_000].map((shift) => wall - offsetAt(wall + shift));
	const fitting = candidates.filter((ms) => ms + offsetAt(ms) === wall);
	const ms = fitting.length > 0 ? Math.min(...fitting) : Math.max(...candidates);
	return asUtc.replace(/^.{19}/, new Date(ms).toISOString().slice(0, 19));
}

const msOf = ({ YYYY, MM, DD, hh, mm, ss }: Parts) => Date.parse(`${YYYY}-${MM}-${DD}T${hh}:${mm}:${ss}Z`);

function utcClock(ms: number): Parts {
	const iso = new Date(ms).toISOString();
	return {
		YYYY: iso.slice(0, 4),
		MM: iso.slice(5, 7),
		DD: iso.slice(8, 10),
		hh: iso.slice(11, 13),
		mm: iso.slice(14, 16),
		ss: iso.slice(17, 19)
	};
}

/** What the clocks of a zone show. */
function zoneClock(timeZone: string): WallClock {
	const digits = '2-digit';
	const format = new Intl.DateTimeFormat('en-GB', {
		timeZone,
		hourCycle: 'h23',
		year: 'numeric',
		month: digits,
		day: digits,
		hour: digits,
		minute: digits,
		second: digits
	});
	return (ms) => {
		const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
		const of = (name: string) => parts[name] ?? '';
		return {
			YYYY: of('year').padStart(4, '0'),
			MM: of('month'),
			DD: of('day'),
			hh: of('hour'),
			mm: of('minute'),
			ss: of('second')
		};
	};
}
