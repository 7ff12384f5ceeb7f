import { createHash } from 'node:crypto';
import type { CallOptions, Capabilities, ExternalKey, ExternalRecord, Page, Resource } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { isIdentifier } from '../plain-text.ts';
import type { Caller, RestCall, RestReply } from './call.ts';
import { codecOf } from './codec.ts';
import { valueAt } from './json-place.ts';
import { isAddressable, readOne, type RestContext } from './read-one.ts';
import { drifted, recordFrom } from './record.ts';
import type { RestEntity } from './settings.ts';
import { createRecord, updateRecord } from './write-record.ts';

const resolutionMs = { microsecond: 0.001, millisecond: 1, second: 1000 } as const;
const searchMax = 20;
const longestCursor = 2000;
/** A filtered listing has a page or two; one that does not end is broken. */
const filteredPagesMax = 100;

/** One entity as the settings describe it. */
export function createResource(entity: RestEntity, call: Caller, baseUrl: string): Resource {
	const context: RestContext = { entity, call, from: call.from, baseUrl };
	const { sinceParam, stamp, reference, paths } = entity;
	return {
		fields: entity.fields.map(codecOf),
		capabilities: capabilitiesOf(entity),
		fingerprint: createHash('sha256').update(JSON.stringify(entity.fields)).digest('hex').slice(0, 16),
		list: (cursor, options) => listPage(context, {}, cursor, options),
		read: (ids, options) => readRecords(context, ids, options),
		search: (text, options) => searchRecords(context, text, options),
		...(sinceParam !== undefined &&
			stamp !== undefined && {
				changes: (since: string, cursor: string | null, options?: CallOptions) =>
					changesPage(context, { [sinceParam]: cutToResolution(entity, since) }, cursor, options)
			}),
		...(reference && { findByReference: (references, options) => findByReference(context, references, options) }),
		...(paths.create !== undefined && { create: (input, options) => createRecord(context, input, options) }),
		...(paths.update !== undefined && { update: (input, options) => updateRecord(context, input, options) })
	};
}

function capabilitiesOf(entity: RestEntity): Capabilities {
	return {
		precondition: { kind: entity.version.from === 'none' ? 'none' : 'strict' },
		...(entity.reference && { reference: { searchLagMs: entity.reference.searchLagMs } }),
		stampResolutionMs: resolutionMs[entity.stampResolution],
		stampCovers: entity.stampCovers,
		overlapMs: entity.overlapMs,
		pageSize: entity.pageSize
	};
}

type Query = Readonly<Record<string, string>>;

async function listPage(
	context: RestContext,
	query: Query,
	cursor: string | null,
	options: CallOptions | undefined,
	limit = context.entity.pageSize
): Promise<Page> {
	const { paths, paging, items: place } = context.entity;
	const reply = await callCollection(context, {
		method: 'GET',
		path: paths.list,
		query: { ...query, [paging.limitParam]: String(limit), ...(cursor !== null && { [paging.afterParam]: cursor }) },
		options
	});
	const json = reply.json();
	const items = valueAt(json, place);
	if (!Array.isArray(items)) throw drifted(context, `there is no list "${place}"`);
	const next = valueAt(json, paging.next);
	if (next !== null && next !== '' && typeof next !== 'string') throw drifted(context, `"${paging.next}" is no text`);
	if (typeof next === 'string' && next === cursor) throw drifted(context, 'its paging does not move on');
	if (next && !isIdentifier(next, longestCursor)) throw drifted(context, `"${paging.next}" cannot be sent back`);
	const records = items.map((item) => recordFrom(item, context));
	if (new Set(records.map(({ id }) => id)).size < records.length) {
		throw drifted(context, 'one page shows the same record twice');
	}
	return { records, next: next || null };
}

/** A listing that does not exist is a wrong setting, not a missing record. */
async function callCollection({ call, from }: RestContext, request: RestCall): Promise<RestReply> {
	try {
		return await call(request);
	} catch (error) {
		if (!(error instanceof ConnectorError) || error.kind !== 'missing') throw error;
		const hint = `${from} has no list at ${request.path}. Correct the address or the path in the settings of this channel.`;
		throw new ConnectorError('misconfigured', { hint, ...(error.reply !== undefined && { reply: error.reply }) });
	}
}

async function changesPage(
	context: RestContext,
	query: Query,
	cursor: string | null,
	options: CallOptions | undefined
): Promise<Page> {
	const page = await listPage(context, query, cursor, options);
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

/** A stamp that the channel cut off would lie before a finer `since`. */
function cutToResolution({ stampResolution }: RestEntity, since: string): string {
	if (stampResolution === 'second') return since.replace(/\.\d+Z$/, 'Z');
	return stampResolution === 'millisecond' ? since.replace(/(\.\d{3})\d+Z$/, '$1Z') : since;
}

async function readRecords(
	context: RestContext,
	keys: readonly ExternalKey[],
	options: CallOptions | undefined
): Promise<readonly ExternalRecord[]> {
	const { idsParam, version } = context.entity;
	const ids = [...new Set(keys.filter((key) => key.variantId === '').map((key) => key.id))].filter(isAddressable);
	const versionNeedsHeader = version.from === 'etag-header' && version.itemField === undefined;
	const versioned = (records: readonly ExternalRecord[]) => {
		// Without its version the next write would go out unguarded.
		const bare = version.from === 'none' ? undefined : records.find((record) => record.version === null);
		if (bare) throw drifted(context, `record ${bare.id} has no version`);
		return records;
	};
	// A single id is asked for directly: this is the read that confirms an absence.
	if (ids.length > 1 && idsParam !== undefined && !versionNeedsHeader && !ids.some((id) => id.includes(','))) {
		const belongs = ({ id }: ExternalRecord) => ids.includes(id);
		return versioned(await filtered(context, { [idsParam]: ids.join(',') }, belongs, ids.length, options));
	}
	const records: ExternalRecord[] = [];
	for (const id of ids) {
		const record = await readOne(context, id, options);
		if (record) records.push(record);
	}
	return versioned(records);
}

/** All records of a filtered listing; a channel that ignores the filter is found out at the first page. */
async function filtered(
	context: RestContext,
	query: Query,
	belongs: (record: ExternalRecord) => boolean,
	limit: number,
	options: CallOptions | undefined
): Promise<readonly ExternalRecord[]> {
	const records = new Map<string, ExternalRecord>();
	let cursor: string | null = null;
	let pages = 0;
	do {
		const page: Page = await listPage(context, query, cursor, options, Math.min(limit, context.entity.pageSize));
		if (!page.records.every(belongs)) {
			const hint = `${context.from} does not filter by "${Object.keys(query).join()}". Correct this parameter in the settings.`;
			throw new ConnectorError('misconfigured', { hint });
		}
		pages += 1;
		if (page.records.some(({ id }) => records.has(id)) || pages > filteredPagesMax) {
			throw drifted(context, 'its paging does not move on');
		}
		for (const record of page.records) records.set(record.id, record);
		cursor = page.next;
	} while (cursor !== null);
	return [...records.values()];
}

async function searchRecords(
	context: RestContext,
	text: string,
	options: CallOptions | undefined
): Promise<readonly ExternalRecord[]> {
	const { searchParam, pageSize } = context.entity;
	if (searchParam === undefined) return readRecords(context, [{ id: text.trim(), variantId: '' }], options);
	const page = await listPage(context, { [searchParam]: text }, null, options, Math.min(searchMax, pageSize));
	return page.records.slice(0, searchMax);
}

async function findByReference(
	context: RestContext,
	references: readonly string[],
	options: CallOptions | undefined
): Promise<readonly ExternalRecord[]> {
	const { reference, pageSize } = context.entity;
	if (!reference || references.length === 0) return [];
	const belongs = (record: ExternalRecord) => record.reference !== null && references.includes(record.reference);
	return filtered(context, { [reference.param]: references.join(',') }, belongs, pageSize, options);
}
