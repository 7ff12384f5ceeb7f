import { z } from 'zod';
import type { ExternalRecord, Page } from '../connector.ts';
import { ConnectorError } from '../error.ts';

/** Where a changed record stands in the scan: id of its listed row, and its stamp. */
export type ChangeEntry = { id: number; stamp: string };

export type ChangeSource = {
	/** The records that changed at or after `since`; null where there are as many as `limit`. */
	some(since: string, limit: number): Promise<readonly ExternalRecord[] | null>;
	/** At most `limit` of the same above `afterId`, by id. */
	entries(since: string, afterId: number, limit: number): Promise<readonly ChangeEntry[]>;
	/** Those of the same that lie between two entries, these included, in the order of stamps. */
	between(since: string, first: ChangeEntry, last: ChangeEntry): Promise<readonly ExternalRecord[]>;
};

const cursorSchema = z.tuple([z.string(), z.number().int()]);
const indexPageSize = 5000;

/**
 * Pages through changes by (stamp, id). A record's stamp is the latest of several rows, which Tryton cannot sort by. So
 * what fits into a page is sorted here; for more, ids and stamps of the whole window are fetched first (cheap: 5,000 a
 * call, no prices), kept for the scan, and cut into pages. No call names a record by its id: some of them may be
 * unlinked.
 */
export function createChangeScan(pageSize: number) {
	let index: { since: string; entries: readonly ChangeEntry[] } | undefined;

	return async function page(source: ChangeSource, since: string, cursor: string | null): Promise<Page> {
		if (cursor === null) {
			const records = await source.some(since, pageSize + 1);
			if (records) return { records: inOrder(records), next: null };
		}
		const after = cursor === null ? undefined : parseCursor(cursor);
		if (!after || index?.since !== since) index = { since, entries: await loadIndex(source, since) };
		let rest = after ? index.entries.filter((entry) => compare(entry, after) > 0) : index.entries;
		let doneStamp = after?.stamp;
		while (rest.length > 0) {
			const slice = firstSlice(rest, pageSize, doneStamp);
			rest = rest.slice(slice.length);
			const [first, last] = [slice[0], slice.at(-1)];
			if (!first || !last) break;
			doneStamp = last.stamp;
			// What changed again meanwhile is not among them: its stamp lies after this scan's start, so the next scan has it.
			const records = inOrder(await source.between(since, first, last));
			const next = rest.length > 0 ? JSON.stringify([last.stamp, last.id]) : null;
			if (records.length > 0 || next === null) return { records, next };
		}
		return { records: [], next: null };
	};
}

async function loadIndex(source: ChangeSource, since: string): Promise<readonly ChangeEntry[]> {
	const entries: ChangeEntry[] = [];
	let found: readonly ChangeEntry[];
	do {
		found = await source.entries(since, entries.at(-1)?.id ?? 0, indexPageSize);
		entries.push(...found);
	} while (found.length === indexPageSize);
	return entries.sort(compare);
}

/**
 * As many entries as fit, so that those of one stamp, some of which may be done already, are either all in the slice or
 * the only ones in it: then "between" brings no others.
 */
function firstSlice(entries: readonly ChangeEntry[], size: number, doneStamp?: string): readonly ChangeEntry[] {
	const slice = entries.slice(0, size);
	const first = slice[0]?.stamp;
	if (first === doneStamp) return slice.filter((entry) => entry.stamp === first);
	const cut = entries[size]?.stamp;
	if (cut === undefined || slice.at(-1)?.stamp !== cut || first === cut) return slice;
	return slice.filter((entry) => entry.stamp !== cut);
}

function inOrder(records: readonly ExternalRecord[]): readonly ExternalRecord[] {
	// The row that changes are listed by is the variant where there is one.
	const entryOf = ({ id, variantId, stamp }: ExternalRecord) => ({ id: Number(variantId || id), stamp: stamp ?? '' });
	return [...records].sort((left, right) => compare(entryOf(left), entryOf(right)));
}

function compare(left: ChangeEntry, right: ChangeEntry): number {
	if (left.stamp !== right.stamp) return left.stamp < right.stamp ? -1 : 1;
	return left.id - right.id;
}

function parseCursor(cursor: string): ChangeEntry {
	try {
		const [stamp, id] = cursorSchema.parse(JSON.parse(cursor));
		return { stamp, id };
	} catch (cause) {
		const hint = 'The stored position of this scan is not readable; start a full run.';
		throw new ConnectorError('misconfigured', { hint, cause });
	}
}
