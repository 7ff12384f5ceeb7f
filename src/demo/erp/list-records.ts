import { z } from 'zod';
import type { ErpRecord } from './erp-store.ts';
import { Refusal } from './refusal.ts';

type Query = Readonly<Record<string, string[]>>;

/** What the reference is called in a query, and what a record is called. */
type Names = { referenceName: string; titleOf: (record: ErpRecord) => { code: string; name: string } };

const limitMax = 200;
const cursorSchema = z.tuple([z.string(), z.number()]);

/**
 * One page of a listing by its query: `limit`, `after`, `ids`, `search`, the reference, `updated_since` (inclusive).
 * Ordered by creation, or by (stamp, creation) with `updated_since`. Throws Refusal 400 for a query it cannot read.
 */
export function listRecords(
	all: readonly ErpRecord[],
	query: Query,
	{ referenceName, titleOf }: Names
): { records: ErpRecord[]; next: string | null } {
	const since = query['updated_since']?.[0];
	if (since !== undefined && Number.isNaN(Date.parse(since))) throw new Refusal(400, 'updated_since is no time');
	const limit = Math.min(limitMax, Number(query['limit']?.[0] ?? 50));
	if (!Number.isInteger(limit) || limit < 1) throw new Refusal(400, 'limit is no number above 0');
	const keyOf = (record: ErpRecord): [string, number] => [since === undefined ? '' : record.changedAt, record.seq];
	const after = query['after']?.[0];
	const start = after === undefined ? undefined : cursorOf(after);
	const matching = all
		.filter((record) => matches(record, query, { referenceName, titleOf }, since))
		.filter((record) => start === undefined || compare(keyOf(record), start) > 0)
		.sort((a, b) => compare(keyOf(a), keyOf(b)));
	const records = matching.slice(0, limit);
	const last = records.at(-1);
	const next = last && matching.length > limit ? cursorText(keyOf(last)) : null;
	return { records, next };
}

function matches(
	record: ErpRecord,
	query: Query,
	{ referenceName, titleOf }: Names,
	since: string | undefined
): boolean {
	const ids = listOf(query['ids']);
	const references = listOf(query[referenceName]);
	const search = query['search']?.[0]?.trim().toLowerCase();
	if (ids && !ids.includes(record.id)) return false;
	if (references && (record.reference === null || !references.includes(record.reference))) return false;
	if (since !== undefined && record.changedAt < comparable(since)) return false;
	return search === undefined || search === '' || wordsOf(record, titleOf(record)).includes(search);
}

function wordsOf(record: ErpRecord, { code, name }: { code: string; name: string }): string {
	const { gtin, email } = record.values;
	return [record.id, code, name, gtin, email].filter(Boolean).join('\n').toLowerCase();
}

/** A time as the text that stamps are kept in. */
function comparable(time: string): string {
	const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
	const seconds = new Date(Date.parse(time)).toISOString().slice(0, 19);
	return `${seconds}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}

function listOf(values: string[] | undefined): string[] | undefined {
	return values?.flatMap((value) => value.split(',')).filter((value) => value !== '');
}

function compare(a: [string, number], b: [string, number]): number {
	if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
	return a[1] - b[1];
}

const cursorText = (key: [string, number]) => Buffer.from(JSON.stringify(key)).toString('base64url');

function cursorOf(text: string): [string, number] {
	try {
		return cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
	} catch {
		throw new Refusal(400, 'after is no place in this listing');
	}
}
