import type { ExternalRecord } from '../connector.ts';
import { JsonNumber } from '../parse-json.ts';
import { isIdentifier } from '../plain-text.ts';
import type { RestReply } from './call.ts';
import { valueAt } from './json-place.ts';
import { drifted } from './record.ts';
import type { Paging } from './request-settings.ts';
import type { RestContext } from './rest-context.ts';
import type { TemplateValues } from './template.ts';

const longestCursor = 2000;

/** What asks for a page: values for the request, or an address that the channel gave. */
export type PageAsked = { values: TemplateValues } | { url: string };

/** What the page after `cursor` is asked for with; null = the first. `since` in a scan of changes. */
export function askedFor(
	context: RestContext,
	paging: Paging,
	cursor: string | null,
	since: string | undefined
): PageAsked {
	const common = since === undefined ? {} : { since };
	switch (paging.kind) {
		case 'cursor':
			return { values: { ...common, after: cursor } };
		case 'last-id':
			return { values: { ...common, after: cursor ?? paging.first ?? null } };
		case 'page':
			return { values: { ...common, page: cursor === null ? paging.first : countIn(context, cursor) } };
		case 'offset': {
			const { from = since, offset } = cursor === null ? { offset: 0 } : placeIn(context, cursor);
			return { values: { ...(from !== undefined && { since: from }), offset } };
		}
		case 'link-header':
		case 'next-url':
			return cursor === null ? { values: common } : { url: new URL(cursor, context.baseUrl).href };
		case 'none':
			return { values: common };
	}
}

/** A page as it was shown. */
export type PageShown = {
	cursor: string | null;
	since: string | undefined;
	limit: number;
	reply: RestReply;
	items: readonly unknown[];
	records: readonly ExternalRecord[];
};

/** Where the next page begins, null where this was the last. Throws `invalid-reply` where that cannot be told. */
export function cursorAfter(context: RestContext, paging: Paging, page: PageShown): string | null {
	const next = nextOf(context, paging, page);
	if (next !== null && next === page.cursor) throw drifted(context, 'its paging does not move on');
	if (next !== null && !isIdentifier(next, longestCursor)) throw drifted(context, 'its next page cannot be asked for');
	return next;
}

function nextOf(context: RestContext, paging: Paging, page: PageShown): string | null {
	const { cursor, items, limit, reply, records } = page;
	const isLast = items.length === 0 || ('end' in paging && paging.end === 'short-page' && items.length < limit);
	switch (paging.kind) {
		case 'cursor':
			return nextCursor(context, paging, reply);
		case 'last-id': {
			if (isLast) return null;
			const last = paging.at === undefined ? records.at(-1)?.id : valueAt(items.at(-1), paging.at);
			const text = last instanceof JsonNumber ? last.text : last;
			if (typeof text !== 'string') throw drifted(context, `the last record of a page has no "${paging.at ?? ''}"`);
			return text;
		}
		case 'page': {
			const number = cursor === null ? paging.first : countIn(context, cursor);
			return isLast || isLastPage(context, paging, reply, number) ? null : String(number + 1);
		}
		case 'offset':
			return isLast ? null : nextPlace(context, page);
		case 'link-header':
			return addressOf(context, /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(reply.headers['link'] ?? '')?.[1]);
		case 'next-url':
			return addressOf(context, valueAt(reply.json(), paging.next));
		case 'none':
			return null;
	}
}

function nextCursor(context: RestContext, paging: Extract<Paging, { kind: 'cursor' }>, reply: RestReply) {
	const json = reply.json();
	if (paging.more !== undefined) {
		const more = valueAt(json, paging.more);
		if (typeof more !== 'boolean') throw drifted(context, `"${paging.more}" is not true or false`);
		if (!more) return null;
	}
	const next = valueAt(json, paging.next);
	if (next === null || next === '' || (next === undefined && paging.mayBeAbsent)) return null;
	const text = next instanceof JsonNumber ? next.text : next;
	if (typeof text !== 'string') throw drifted(context, `"${paging.next}" is no text`);
	return text;
}

function isLastPage(context: RestContext, paging: Extract<Paging, { kind: 'page' }>, reply: RestReply, number: number) {
	if (paging.pagesHeader === undefined) return false;
	const pages = reply.headers[paging.pagesHeader.toLowerCase()] ?? '';
	if (!/^\d{1,15}$/.test(pages)) throw drifted(context, `the header ${paging.pagesHeader} is no number`);
	return number - paging.first + 1 >= Number(pages);
}

function countIn(context: RestContext, cursor: string): number {
	if (!/^\d{1,15}$/.test(cursor)) throw drifted(context, 'a place in its listing is none');
	return Number(cursor);
}

/** A place in a listing by offset: "120", or "2026-11-28T15:00:00Z 0" in a scan of changes. */
function placeIn(context: RestContext, cursor: string): { from?: string; offset: number } {
	const [from = '', offset] = cursor.split(' ');
	return offset === undefined ? { offset: countIn(context, cursor) } : { from, offset: countIn(context, offset) };
}

/**
 * In a scan of changes, a record that changes meanwhile moves to the end and all behind it move up: counting on would
 * skip one. So the scan goes on from the last stamp, and counts only within a page of one and the same stamp.
 */
function nextPlace(context: RestContext, { cursor, since, items, records }: PageShown): string {
	const { from = since, offset } = cursor === null ? { offset: 0 } : placeIn(context, cursor);
	const last = records.at(-1)?.stamp ?? null;
	if (from === undefined || since === undefined || last === null) return String(offset + items.length);
	const moved = context.moment.encode(last) !== context.moment.encode(records[0]?.stamp ?? last);
	return moved ? `${last} 0` : `${from} ${offset + items.length}`;
}

/** Path and query of an address that the channel gave; it must be the channel's own, since the key goes there too. */
function addressOf(context: RestContext, given: unknown): string | null {
	if (given === undefined || given === null || given === '') return null;
	const base = new URL(`${context.baseUrl}/`);
	const url = typeof given === 'string' ? URL.parse(given, base) : null;
	if (!url || url.origin !== base.origin) throw drifted(context, 'its next page is not at its own address');
	if (context.keyParam !== undefined) url.searchParams.delete(context.keyParam);
	return `${url.pathname}${url.search}`;
}
