import type { CallOptions, ExternalRecord, Page } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import type { VendureRow } from './entity.ts';
import type { Rows } from './rows.ts';

/**
 * One page of all records, by id. Vendure can neither page after an id nor skip a million rows in good time (it counts
 * all of a list for each page), so that where ids are numbers, the ids of a page are asked for one by one: each page
 * costs the same, and a deletion meanwhile shifts none. Where they are not, pages are skipped to.
 */
export async function listPage(
	rows: Rows<VendureRow>,
	cursor: string | null,
	pageSize: number,
	options?: CallOptions
): Promise<Page> {
	const take = await rows.itemsFor(pageSize, options);
	const { after, last, skip } = cursor === null ? await start(rows, options) : placeOf(cursor);
	if (last === null) {
		const items = await rows.items({ sort: { id: 'ASC' }, skip, take }, options);
		const records = recordsOf(items.flatMap((item) => item.rows));
		return { records, next: items.length === take ? `skip ${skip + take}` : null };
	}
	// Ids of what was deleted, or belongs to other channels, leave gaps of any size.
	for (let from = after; from < last; from += take) {
		const until = Math.min(last, from + take);
		const ids = Array.from({ length: until - from }, (_, at) => String(from + at + 1));
		const list = { filter: { id: { in: ids } }, sort: { id: 'ASC' as const }, take };
		const found = await rows.find(list, options);
		if (found.length > 0) return { records: recordsOf(found), next: until < last ? `id ${until} ${last}` : null };
	}
	return { records: [], next: null };
}

type Place = { after: number; last: number | null; skip: number };

/** What is created after this is found by the changes, or by the next listing. */
async function start(rows: Rows<VendureRow>, options?: CallOptions): Promise<Place> {
	const last = await rows.lastId(options);
	if (last === null) return { after: 0, last: 0, skip: 0 };
	return { after: 0, last: /^\d{1,15}$/.test(last) ? Number(last) : null, skip: 0 };
}

function placeOf(cursor: string): Place {
	const [, after, last] = /^id (\d{1,15}) (\d{1,15})$/.exec(cursor) ?? [];
	if (after !== undefined && last !== undefined) return { after: Number(after), last: Number(last), skip: 0 };
	const [, skip] = /^skip (\d{1,15})$/.exec(cursor) ?? [];
	if (skip !== undefined) return { after: 0, last: null, skip: Number(skip) };
	const hint = 'The stored position of this listing is not readable; start a full run.';
	throw new ConnectorError('misconfigured', { hint });
}

function recordsOf(rows: readonly VendureRow[]): readonly ExternalRecord[] {
	return rows.map(({ record }) => record);
}
