import type { CallOptions, ExternalRecord, Page } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import type { RestReply } from './call.ts';
import { valueAt } from './json-place.ts';
import { askedFor, cursorAfter, type PageAsked } from './paging.ts';
import { drifted, recordFrom } from './record.ts';
import type { FullRequest } from './request-settings.ts';
import { sendRequest, sendTo, type RestContext } from './rest-context.ts';
import type { TemplateValues } from './template.ts';

/** Most records of one search. */
export const searchMax = 20;
/** A filtered listing has a page or two; one that does not end is broken. */
const filteredPagesMax = 100;

type Filter = Pick<TemplateValues, 'ids' | 'references' | 'reference' | 'text' | 'since'>;
type Asked = Filter & { cursor: string | null; limit?: number };

/** One page of a listing. */
export async function listPage(
	context: RestContext,
	request: FullRequest,
	{ cursor, limit = context.entity.pageSize, ...filter }: Asked,
	options: CallOptions | undefined
): Promise<Page> {
	const { entity } = context;
	const paging = request.paging ?? entity.paging;
	const asked = askedFor(context, paging, cursor, filter.since);
	const reply = await callCollection(context, request, { ...filter, limit }, asked, options);
	const place = request.items ?? entity.items;
	const items = itemsIn(valueAt(reply.json(), place), filter);
	if (!items) throw drifted(context, `there is no list "${place}"`);
	const records = items.map((item) => recordFrom(item, context));
	if (new Set(records.map(({ id }) => id)).size < records.length) {
		throw drifted(context, 'one page shows the same record twice');
	}
	const shown = { cursor, since: filter.since, limit, reply, items, records };
	return { records, next: cursorAfter(context, paging, shown) };
}

/** The records of an answer. Who is asked for ids may say null for each that is not there, for one reference just the record. */
function itemsIn(value: unknown, { ids, reference }: Filter): readonly unknown[] | null {
	if (Array.isArray(value)) return ids ? value.filter((item) => item !== null) : value;
	if (reference === undefined || typeof value !== 'object') return null;
	return value === null ? [] : [value];
}

/** A listing that does not exist is a wrong setting, not a missing record. */
async function callCollection(
	context: RestContext,
	request: FullRequest,
	filter: TemplateValues,
	asked: PageAsked,
	options: CallOptions | undefined
): Promise<RestReply> {
	try {
		if ('url' in asked) return await sendTo(context, request, asked.url, filter, options);
		return await sendRequest(context, request, { ...filter, ...asked.values }, options);
	} catch (error) {
		if (!(error instanceof ConnectorError) || error.kind !== 'missing') throw error;
		const hint = `${context.from} has no list at ${request.path}. Correct the address or the path in the settings of this channel.`;
		throw new ConnectorError('misconfigured', { hint, ...(error.reply !== undefined && { reply: error.reply }) });
	}
}

/** One page of what changed, in order. */
export async function changesPage(
	context: RestContext,
	request: FullRequest,
	since: string,
	cursor: string | null,
	options: CallOptions | undefined
): Promise<Page> {
	const page = await listPage(context, request, { cursor, since }, options);
	let last = '';
	for (const { id, stamp } of page.records) {
		// A scan moves its cursor along the stamps: out of order, it would skip records.
		if (stamp === null || orderable(stamp) < last) throw drifted(context, `changes are not in order at record ${id}`);
		last = orderable(stamp);
	}
	return page;
}

const orderable = (stamp: string) =>
	stamp.replace(/(\.\d+)?Z$/, (_, fraction: string = '.') => fraction.padEnd(7, '0'));

/** All records of a filtered listing; a channel that ignores the filter is found out at the first page. */
export async function filtered(
	context: RestContext,
	request: FullRequest,
	filter: Filter,
	belongs: (record: ExternalRecord) => boolean,
	limit: number,
	options: CallOptions | undefined
): Promise<readonly ExternalRecord[]> {
	const records = new Map<string, ExternalRecord>();
	const most = Math.min(limit, context.entity.pageSize);
	// Where only an empty page tells the end, it is not asked for once all is there.
	const enough = 'end' in (request.paging ?? context.entity.paging) ? filter.ids?.length : undefined;
	let cursor: string | null = null;
	let pages = 0;
	do {
		const page: Page = await listPage(context, request, { ...filter, cursor, limit: most }, options);
		if (!page.records.every(belongs)) throw ignoredFilter(context, filter);
		pages += 1;
		if (page.records.some(({ id }) => records.has(id)) || pages > filteredPagesMax) {
			throw drifted(context, 'its paging does not move on');
		}
		for (const record of page.records) records.set(record.id, record);
		cursor = page.next;
	} while (cursor !== null && records.size !== enough);
	return [...records.values()];
}

function ignoredFilter({ from }: RestContext, filter: Filter): ConnectorError {
	const hint = `${from} does not filter by ${Object.keys(filter).join()}: it sent records that were not asked for. Correct this request in the settings.`;
	return new ConnectorError('misconfigured', { hint });
}
