import { z } from 'zod';

const path = z.string().regex(/^\/[^?#]*$/, 'must begin with / and have no query');
const recordPath = path.includes('{id}', { error: 'must contain {id}' });
/** A property name, or a JSON pointer ("/price/net") where it lies deeper. */
const place = z.string().min(1).max(200);
const param = z.string().min(1).max(100);

const field = z.strictObject({
	/** Our name of the field. */
	name: z.string().min(1),
	/** Where the channel keeps it. */
	field: place,
	/** The channel's name for screens. */
	label: z.string().min(1),
	/**
	 * How the channel writes it in JSON. `decimal-text`: "12.50". `cents`: a whole number of the smallest unit
	 * (`scale` digits, default 2). `number`: a JSON number.
	 */
	as: z.enum(['text', 'decimal-text', 'cents', 'number', 'boolean']),
	/** Digits after the point that the channel keeps; it rounds half away from zero. */
	scale: z.int().min(0).max(12).optional(),
	/** The case into which the channel turns texts. */
	letters: z.enum(['upper', 'lower']).optional(),
	/** Characters that the channel takes; a longer text is not sent. */
	maxLength: z.int().positive().optional(),
	/** How "no value" is written. */
	empty: z.enum(['null', 'blank']).default('null'),
	/** Shown and received, never sent. */
	readOnly: z.literal(true).optional(),
	/** The channel may leave it out; without this, a record without the field is an invalid reply. */
	optional: z.literal(true).optional()
});

const version = z.discriminatedUnion('from', [
	/** ETag of a single read. `itemField` holds the same tag in listings; without it records are read one by one. */
	z.strictObject({ from: z.literal('etag-header'), itemField: place.optional() }),
	/** A property of the record, sent as If-Match as it is. */
	z.strictObject({ from: z.literal('field'), field: place }),
	z.strictObject({ from: z.literal('none') })
]);

const entity = z.strictObject({
	paths: z.strictObject({
		list: path,
		one: recordPath,
		create: path.optional(),
		update: recordPath.optional()
	}),
	/** Must change only the properties that are sent, whichever verb the channel uses for that. */
	writeMethod: z.enum(['PATCH', 'PUT', 'POST']).default('PATCH'),
	items: place.default('items'),
	paging: z.strictObject({ limitParam: param, afterParam: param, next: place }),
	/** Query parameters; absent = the channel has none. Lists are sent with commas. */
	idsParam: param.optional(),
	sinceParam: param.optional(),
	searchParam: param.optional(),
	/** Where a created record carries our reference, and the parameter that finds it. */
	reference: z.strictObject({ field: place, param, searchLagMs: z.int().min(0).default(0) }).optional(),
	id: place.default('id'),
	/** When the record changed, ISO 8601. Without it, changes are found by listing everything. */
	stamp: place.optional(),
	stampResolution: z.enum(['microsecond', 'millisecond', 'second']).default('second'),
	/** Fields whose change moves the stamp. */
	stampCovers: z.union([z.literal('all'), z.array(z.string())]).default('all'),
	version: version.default({ from: 'none' }),
	/** Longest transaction of the channel. */
	overlapMs: z.int().min(0).default(60_000),
	pageSize: z.int().min(1).max(1000).default(100),
	/** Page of a record in the channel's own user interface, relative to the base URL or absolute. */
	recordPage: z.string().includes('{id}', { error: 'must contain {id}' }).optional(),
	fields: z
		.array(field)
		.min(1)
		.refine((fields) => new Set(fields.map(({ name }) => name)).size === fields.length, 'names a field twice')
});

const auth = z.discriminatedUnion('kind', [
	z.strictObject({ kind: z.literal('none') }),
	z.strictObject({ kind: z.literal('bearer') }),
	z.strictObject({ kind: z.literal('header'), name: z.string().regex(/^[\w-]+$/, 'is no header name') }),
	z.strictObject({ kind: z.literal('basic'), user: z.string().regex(/^[^:]+$/, 'must not contain a colon') })
]);

/** Everything the connector knows about one API. */
export const restSettings = z.strictObject({
	baseUrl: z
		.url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
		.refine((url) => !/[?#]/.test(url), 'must have no query')
		.refine((url) => URL.parse(url)?.username === '', 'must not contain a user; use the credentials')
		.transform((url) => url.replace(/\/+$/, '')),
	auth,
	/** Reply header that tells the channel's time more finely than Date. */
	clockHeader: z.string().optional(),
	timeoutMs: z.int().min(100).max(60_000).default(10_000),
	/** Where an error reply keeps the words for people. */
	messageField: place.default('message'),
	entities: z.record(z.string(), entity)
});

export type RestSettings = z.output<typeof restSettings>;
/** What a person or a program writes down; defaults may be left out. */
export type RestSettingsInput = z.input<typeof restSettings>;
export type RestEntity = z.output<typeof entity>;
export type RestField = z.output<typeof field>;
