import { z } from 'zod';
import { trustSheet } from '../trust-sheet.ts';
import { auth } from './auth-settings.ts';
import { field, momentFormat, zone, type RestField } from './field-settings.ts';
import { errorRule, paging, place, requests } from './request-settings.ts';
import { webhook } from './webhook-settings.ts';

/** What {version} says where a write is to go out whatever the version is; absent = it is left out. */
const unguarded = z.string().min(1).max(20).optional();

const version = z.discriminatedUnion('from', [
	/** ETag of a single read. `at` holds the same tag in listings; without it records are read one by one. */
	z.strictObject({ from: z.literal('etag-header'), at: place.optional(), unguarded }),
	/** A property of the record. */
	z.strictObject({ from: z.literal('field'), at: place, unguarded }),
	z.strictObject({ from: z.literal('none') })
]);

/** When a record changed, by the channel's clock. */
const stamp = z.strictObject({
	/** Where it stands; two places (day, time) are read as one text with a blank between. */
	at: z.union([place, z.tuple([place, place])]),
	format: momentFormat.default('iso'),
	zone: zone.default('UTC'),
	resolution: z.enum(['microsecond', 'millisecond', 'second']).default('second'),
	/** The filter of `changes` leaves the very moment out: it is asked for one step earlier. */
	excluded: z.literal(true).optional(),
	/** Fields whose change moves it. */
	covers: z.union([z.literal('all'), z.array(z.string())]).default('all')
});

/** Where a created record carries our reference. The request `findByReference` finds it. */
const reference = z.strictObject({
	at: place,
	/** Where a create puts it, if not in the same place. */
	writeAt: place.optional(),
	searchLagMs: z.int().min(0).default(0)
});

const entity = z
	.strictObject({
		requests,
		paging,
		/** Where a listing holds its records; "" = the whole answer is the list. */
		items: place.default('items'),
		/** Where an answer about one record holds it; "" = the answer is the record. */
		item: place.default(''),
		id: place.default('id'),
		reference: reference.optional(),
		/** Without it, changes are found by listing everything. */
		stamp: stamp.optional(),
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
	})
	.superRefine((given, context) => {
		const say = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path });
		if (given.requests.changes && !given.stamp)
			say('needs a stamp: without it no order can be told', 'requests', 'changes');
		if (given.requests.findByReference && !given.reference) say('needs a reference', 'requests', 'findByReference');
		if (given.requests.create && given.requests.findByReference === undefined && given.reference) {
			say('is missing: a reference that cannot be searched for is of no use', 'requests', 'findByReference');
		}
		if ((given.requests.deactivate || given.requests.activate) && !hasFlag(given.fields)) {
			say('needs a field is_active, which it stands for', 'requests', 'deactivate');
		}
		const turns = (['activate', 'deactivate'] as const).filter((name) => given.requests[name] !== undefined);
		const flag = given.fields.findIndex(({ name }) => name === 'is_active');
		const never = unwritten(given.fields[flag]);
		if (turns.length > 0 && never !== null) {
			const words = `is_active is never written so: the request "${turns.join('" and "')}", which stands for it, would never be sent. Leave one of the two out`;
			say(words, 'fields', String(flag), never);
		}
	});

function hasFlag(fields: readonly RestField[]): boolean {
	return fields.some(({ name }) => name === 'is_active');
}

/** Which setting of a field says that it is never sent; null where none does. */
function unwritten(field: RestField | undefined): 'as' | 'readOnly' | null {
	if (field === undefined) return null;
	if (field.as === 'constant' || field.as === 'lines') return 'as';
	return field.readOnly ? 'readOnly' : null;
}

/** How the channel says when to come back, beside the standard Retry-After. */
const retryAfter = z.strictObject({
	header: z.string().regex(/^[\w-]+$/, 'is no header name'),
	unit: z.enum(['seconds', 'milliseconds', 'epoch-seconds']).default('seconds')
});

/** Everything the connector knows about one API. */
export const restSettings = z.strictObject({
	$schema: z.string().optional(),
	/** Words about where this description comes from, shown where it can be chosen. */
	about: z.string().max(500).optional(),
	baseUrl: z
		.url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
		.refine((url) => !/[?#]/.test(url), 'must have no query')
		.refine((url) => URL.parse(url)?.username === '', 'must not contain a user; use the credentials')
		.transform((url) => url.replace(/\/+$/, '')),
	auth,
	/** Sent with every request; a request's own come first. */
	headers: z.record(z.string().regex(/^[\w-]+$/, 'is no header name'), z.string()).default({}),
	/** Reply header that tells the channel's time more finely than Date. */
	clockHeader: z.string().optional(),
	timeoutMs: z.int().min(100).max(60_000).default(10_000),
	errors: z
		.strictObject({
			/** Where an error reply keeps the words for people: the first place that holds a text. */
			message: z.array(place).default(['message']),
			rules: z.array(errorRule).default([]),
			retryAfter: retryAfter.optional()
		})
		.default({ message: ['message'], rules: [] }),
	/** Absent: webhooks are signed as Standard Webhooks prescribe. */
	webhook: webhook.optional(),
	entities: z.record(z.string(), entity),
	/** What a check of the real service disproved is not relied on. */
	trust: trustSheet.optional()
});

export type RestSettings = z.output<typeof restSettings>;
/** What a person or a program writes down; defaults may be left out. */
export type RestSettingsInput = z.input<typeof restSettings>;
export type RestEntity = z.output<typeof entity>;
