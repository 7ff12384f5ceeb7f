import { z } from 'zod';
import type { ExternalRecord, Page } from '../connector.ts';
import { ConnectorError } from '../error.ts';

/** Where a changed record stands in the scan. */
export type ChangeEntry = { id: number; stamp: string };

export type ChangeSource = {
	/** Up to `limit` records above `afterId` that changed at or after `since`, by id. */
	load(since: string, afterId: number, limit: number): Promise<readonly ChangeEntry[]>;
	/** The records of these row ids as they are now. */
	read(ids: readonly number[]): Promise<readonly ExternalRecord[]>;
};

const cursorSchema = z.tuple([z.string(), z.number().int()]);
const indexPageSize = 5000;

/**
 * Pages through changes by (stamp, id). A record's stamp is the latest of several rows, which Tryton cannot sort by: so
 * ids and stamps of the whole window are fetched first (cheap: 5,000 a call, no prices) and kept for the scan.
 */
export function createChangeScan(pageSize: number) {
	let index: { since: string; entries: readonly ChangeEntry[] } | undefined;

	return async function page(source: ChangeSource, since: string, cursor: string | null): Promise<Page> {
		if (cursor === null || index?.since !== since) index = { since, entries: await loadIndex(source, since) };
		const after = cursor === null ? undefined : parseCursor(cursor);
		let rest = after ? index.entries.filter((entry) => compare(entry, after) > 0) : index.entries;
		while (rest.length > 0) {
			const slice = rest.slice(0, pageSize);
			rest = rest.slice(pageSize);
			const records = inOrder(slice, await source.read(slice.map((entry) => entry.id)));
			const last = slice[slice.length - 1];
			const next = rest.length > 0 && last ? JSON.stringify([last.stamp, last.id]) : null;
			if (records.length > 0 || next === null) return { records, next };
		}
		return { records: [], next: null };
	};
}

async function loadIndex(source: ChangeSource, since: string): Promise<readonly ChangeEntry[]> {
	const entries: ChangeEntry[] = [];
	let found: readonly ChangeEntry[];
	do {
		found = await source.load(since, entries.at(-1)?.id ?? 0, indexPageSize);
		entries.push(...found);
	} while (found.length === indexPageSize);
	return entries.sort(compare);
}

/**
 * What changed again after the index was taken is left out here: it would break the order, and its stamp lies after this
 * scan's start, so the next scan has it.
 */
function inOrder(slice: readonly ChangeEntry[], records: readonly ExternalRecord[]): readonly ExternalRecord[] {
	const byKey = new Map(records.map((record) => [rowIdOf(record), record]));
	return slice.flatMap((entry) => {
		const record = byKey.get(entry.id);
		return record && (record.stamp ?? '') <= entry.stamp ? [record] : [];
	});
}

/** The row that changes are listed by: the variant where there is one. */
function rowIdOf(record: ExternalRecord): number {
	return Number(record.variantId || record.id);
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
		throw new ConnectorError('misconfigured', {
			hint: 'The stored position of this scan is not readable; start a full run.',
			cause
		});
	}
}
