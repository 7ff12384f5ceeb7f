import { z } from 'zod';
import type { ExternalRecord, Page } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { isoUtc } from '../iso-time.ts';

/** A row of a list by its own stamp, with the records that it is a part of. */
export type StampedRow = { stamp: string; records: readonly ExternalRecord[] };

/** A list that can be read in the order of its own stamps. */
export type StampedList = {
	/** Rows of one call. */
	take: number;
	/** Rows with a stamp after `after`, oldest first, the first `skip` of them left out. */
	fetch(after: string, skip: number, take: number): Promise<readonly StampedRow[]>;
};

/** Where one list goes on: after a moment, behind so many rows. */
type Place = [after: string, skip: number];

/** Up to where all was shown, what was shown with just this stamp, and where the lists go on. */
const cursorSchema = z.tuple([
	z.string(),
	z.array(z.string()),
	z.array(z.tuple([z.string(), z.number().int().nonnegative()]))
]);
type Cursor = [shown: string, last: string[], places: Place[]];
/** More records of one millisecond than these may be shown twice. */
const rememberedMost = 1000;
/** Part of a call's rows that is read again, so that a few that moved to the end meanwhile do not hide others. */
const overlap = 0.25;

/**
 * One page of what changed at or after `since`, oldest first. A record's stamp is the latest of several rows that are
 * in different lists; it comes with the list that has this stamp, and the lists are merged. The API shows stamps cut
 * to milliseconds and takes them as an exclusive bound, so that a list goes on one millisecond before the last row it
 * gave, behind the rows already seen of that one. A record may come twice where a thousand share its stamp, none is left out.
 */
export async function changesPage(lists: readonly StampedList[], since: string, cursor: string | null): Promise<Page> {
	const floor = toMillisecond(since);
	let [shown, last, places] = cursor === null ? start(lists, floor) : parseCursor(cursor, lists.length);
	for (;;) {
		const slices: Slice[] = [];
		for (const [at, list] of lists.entries()) slices.push(await slice(list, places[at] ?? [earlier(floor), 0]));
		const ends = slices.flatMap(({ rows, whole }) => (whole ? [] : (rows.at(-1)?.stamp ?? [])));
		const bound = ends.length === 0 ? null : ends.reduce((least, end) => (end < least ? end : least));
		const used = slices.map(({ rows }) => rows.filter(({ stamp }) => bound === null || stamp <= bound));
		const records = merged(used.flat(), shown, new Set(last));
		if (bound === null) return { records, next: null };
		places = slices.map(({ place, skipped }, at) => nextPlace(place, skipped, used[at] ?? []));
		const ofBound = records.filter(({ stamp }) => stamp === bound).map(keyOf);
		last = [...(bound === shown ? last : []), ...ofBound].slice(-rememberedMost);
		shown = bound;
		if (records.length > 0) return { records, next: JSON.stringify([shown, last, places] satisfies Cursor) };
	}
}

type Slice = { place: Place; skipped: number; rows: readonly StampedRow[]; whole: boolean };

async function slice(list: StampedList, place: Place): Promise<Slice> {
	const skipped = Math.max(0, place[1] - Math.floor(list.take * overlap));
	const rows = await list.fetch(place[0], skipped, list.take);
	return { place, skipped, rows, whole: rows.length < list.take };
}

/** Records whose stamp is that of their row, in order, each once; what is older than `from`, and `before`, was shown. */
function merged(rows: readonly StampedRow[], from: string, before: ReadonlySet<string>): readonly ExternalRecord[] {
	const records = rows.flatMap(({ stamp, records }) =>
		stamp < from ? [] : records.filter((record) => record.stamp === stamp && !before.has(keyOf(record)))
	);
	return [...new Map(records.map((record) => [keyOf(record), record])).values()].sort(compare);
}

function keyOf({ id, variantId }: ExternalRecord): string {
	return `${id}/${variantId}`;
}

function compare(left: ExternalRecord, right: ExternalRecord): number {
	const stamps = [left.stamp ?? '', right.stamp ?? ''] as const;
	if (stamps[0] !== stamps[1]) return stamps[0] < stamps[1] ? -1 : 1;
	return (
		left.id.localeCompare(right.id, 'en', { numeric: true }) ||
		left.variantId.localeCompare(right.variantId, 'en', { numeric: true })
	);
}

function nextPlace([after, skip]: Place, skipped: number, used: readonly StampedRow[]): Place {
	const last = used.at(-1)?.stamp;
	if (last === undefined) return [after, skip];
	const moved = earlier(last);
	// Of the millisecond before, rows with microseconds come again; counting them too could skip others.
	if (moved > after) return [moved, used.filter(({ stamp }) => stamp === last).length];
	return [after, skipped + used.length];
}

function start(lists: readonly StampedList[], floor: string): Cursor {
	return [floor, [], lists.map((): Place => [earlier(floor), 0])];
}

function earlier(stamp: string): string {
	return new Date(Date.parse(stamp) - 1).toISOString();
}

/** The moment cut to the milliseconds that the API shows. Throws `misconfigured`. */
function toMillisecond(iso: string): string {
	const utc = isoUtc(iso);
	if (utc === null) throw new ConnectorError('misconfigured', { hint: `"${iso}" is no time in ISO 8601 UTC.` });
	return new Date(Date.parse(utc)).toISOString();
}

function parseCursor(cursor: string, count: number): Cursor {
	try {
		const parsed = cursorSchema.parse(JSON.parse(cursor));
		if (parsed[2].length === count) return parsed;
	} catch {
		// Said below.
	}
	throw new ConnectorError('misconfigured', {
		hint: 'The stored position of this scan is not readable; start a full run.'
	});
}
