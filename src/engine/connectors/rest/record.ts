import type { Value } from '#src/sync/fields.ts';
import type { ExternalRecord } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { JsonNumber } from '../parse-json.ts';
import { isIdentifier } from '../plain-text.ts';
import { decode } from './codec.ts';
import { memberAt, valueAt } from './json-place.ts';
import type { MomentCodec } from './moment.ts';
import type { RestEntity } from './settings.ts';

/** PostgreSQL keeps at most some 2,700 bytes in an index. */
const longestId = 300;
const longestReference = 500;
const longestVersion = 2000;

/** What a record is read with besides its JSON. */
export type RecordContext = {
	entity: RestEntity;
	/** Names the channel in hints. */
	from: string;
	baseUrl: string;
	moment: MomentCodec;
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
		const value = field.as === 'constant' ? null : memberAt(json, field.at);
		if (value === undefined && 'optional' in field && field.optional) continue;
		if (value === undefined) throw drifted(context, `record ${id} has no "${'at' in field ? field.at : field.name}"`);
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
	if (!isIdentifier(id, longestId)) throw drifted(context, `"${context.entity.id}" of a record is no id`);
	return id;
}

/** The tag of a record's state, or null where the channel or this reply has none. */
export function versionFrom(json: unknown, context: RecordContext): string | null {
	const { version } = context.entity;
	if (version.from === 'none') return null;
	const inItem = version.at === undefined ? undefined : textOf(valueAt(json, version.at));
	const tag = (version.from === 'field' ? undefined : context.etag) || inItem || null;
	if (tag !== null && !isTag(tag)) throw drifted(context, 'the version of a record cannot be sent back');
	return tag;
}

/** Whether a version can go into a header and into our database. */
export function isTag(text: string): boolean {
	return text.length <= longestVersion && /^[\x20-\x7e\x80-\xff]+$/.test(text);
}

/** The stamp as ISO text in UTC with the digits that the channel sent. */
export function stampFrom(json: unknown, context: RecordContext): string | null {
	const { stamp } = context.entity;
	if (!stamp) return null;
	const places = [stamp.at].flat();
	const values = places.map((place) => valueAt(json, place));
	if (values.every((value) => value === null)) return null;
	const texts = values.map((value) => (typeof value === 'string' ? value.trim() : value));
	const found = context.moment.decode(
		texts.length === 1 ? texts[0] : texts.map((text) => textOf(text) ?? '').join(' ')
	);
	if (found === null) throw drifted(context, `"${places.join('", "')}" is no time (${stamp.format})`);
	return found;
}

function referenceFrom(json: unknown, { entity }: RecordContext): string | null {
	if (!entity.reference) return null;
	const reference = textOf(memberAt(json, entity.reference.at)) ?? '';
	// Ours are short and plain: what could not be stored is somebody else's.
	return isIdentifier(reference, longestReference) ? reference : null;
}

/** A text, or a number with the digits that it had. */
export function textOf(value: unknown): string | undefined {
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
