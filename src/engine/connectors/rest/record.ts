import type { Value } from '#src/sync/fields.ts';
import type { ExternalRecord } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { JsonNumber } from '../parse-json.ts';
import { decode } from './codec.ts';
import { valueAt } from './json-place.ts';
import type { RestEntity } from './settings.ts';

/** What a record is read with besides its JSON. */
export type RecordContext = {
	entity: RestEntity;
	/** Names the channel in hints. */
	from: string;
	baseUrl: string;
	/** Tag of the reply, for a single read. */
	etag?: string | undefined;
};

/** One record from its JSON. Throws `invalid-reply` where the JSON is not what the settings say. */
export function recordFrom(json: unknown, context: RecordContext): ExternalRecord {
	const { entity } = context;
	const id = idFrom(json, context);
	const fields: Record<string, Value> = {};
	const unreadable: Record<string, string> = {};
	for (const field of entity.fields) {
		const value = valueAt(json, field.field);
		if (value === undefined && field.optional) continue;
		if (value === undefined) throw drifted(context, `record ${id} has no "${field.field}"`);
		const decoded = decode(field, value);
		if ('drift' in decoded) throw drifted(context, `in record ${id}, ${decoded.drift}`);
		if ('unreadable' in decoded) unreadable[field.name] = decoded.unreadable;
		else fields[field.name] = decoded.value;
	}
	return {
		id,
		variantId: '',
		version: versionFrom(json, context),
		stamp: stampFrom(json, context),
		fields,
		reference: referenceFrom(json, context),
		...(Object.keys(unreadable).length > 0 && { unreadable }),
		...(entity.recordPage && { url: pageUrl(context.baseUrl, entity.recordPage, id) })
	};
}

/** The id of a record. Throws `invalid-reply` where there is none. */
export function idFrom(json: unknown, context: RecordContext): string {
	const id = textOf(valueAt(json, context.entity.id));
	if (id === undefined || id === '') throw drifted(context, `a record has no "${context.entity.id}"`);
	return id;
}

/** The tag of a record's state, or null where the channel or this reply has none. */
export function versionFrom(json: unknown, { entity, etag }: RecordContext): string | null {
	const { version } = entity;
	if (version.from === 'none') return null;
	if (version.from === 'field') return textOf(valueAt(json, version.field)) ?? null;
	const inItem = version.itemField === undefined ? undefined : textOf(valueAt(json, version.itemField));
	return etag ?? inItem ?? null;
}

/** The stamp as ISO text in UTC with the digits that the channel sent. */
export function stampFrom(json: unknown, context: RecordContext): string | null {
	const { stamp: place } = context.entity;
	if (place === undefined) return null;
	const value = valueAt(json, place);
	if (value === null) return null;
	const stamp = typeof value === 'string' ? utc(value) : null;
	if (stamp === null) throw drifted(context, `"${place}" is no time (ISO 8601)`);
	return stamp;
}

function referenceFrom(json: unknown, { entity }: RecordContext): string | null {
	if (!entity.reference) return null;
	return textOf(valueAt(json, entity.reference.field)) || null;
}

/** ISO text moved to UTC without losing digits below the millisecond. A time without a zone counts as UTC. */
function utc(text: string): string | null {
	const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(text.trim());
	if (!match) return null;
	const [, day = '', time = '', fraction = '', zone = 'Z'] = match;
	const ms = Date.parse(`${day}T${time}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
	if (Number.isNaN(ms)) return null;
	const seconds = new Date(ms).toISOString().slice(0, 19);
	return `${seconds}${fraction === '' ? '' : `.${fraction.slice(0, 6)}`}Z`;
}

function textOf(value: unknown): string | undefined {
	if (value instanceof JsonNumber) return value.text;
	return typeof value === 'string' ? value : undefined;
}

function pageUrl(baseUrl: string, template: string, id: string): string {
	const path = template.replace('{id}', encodeURIComponent(id));
	return /^https?:\/\//.test(path) ? path : `${baseUrl}${path}`;
}

/** The answer is understandable but not what the settings describe. */
export function drifted({ from }: RecordContext, what: string): ConnectorError {
	const hint = `The answer of ${from} does not fit the settings: ${what}. Compare the fields of this channel with its API.`;
	return new ConnectorError('invalid-reply', { hint });
}
