import { z } from 'zod';
import { unknownVariables, variablesIn } from './template.ts';

/** A property name, or a JSON pointer ("/price/net") where it lies deeper; "/tags/[key=ean]/value" picks from a list. */
export const place = z
	.string()
	.max(300)
	.meta({ description: 'A property name, or a JSON pointer; a step [key=text] picks the element of a list.' });

const headerName = z.string().regex(/^[\w-]+$/, 'is no header name');

/** How the channel tells a failure beside the status of its answer. The first rule that fits decides. */
export const errorRule = z
	.strictObject({
		/** Statuses for which the rule holds; absent = any, success included. */
		status: z.union([z.int(), z.array(z.int())]).optional(),
		/** Where the answer tells it. Without `is` and `contains`, anything there but null, "" and [] fits. */
		at: place.optional(),
		is: z.union([z.string(), z.array(z.string())]).optional(),
		contains: z.string().min(1).optional(),
		kind: z.enum(['missing', 'conflict', 'duplicate', 'rejected', 'rate-limited', 'unauthorized', 'unreachable']),
		/** How long to wait where a rate-limited answer does not say. */
		retryAfterMs: z.int().min(0).max(86_400_000).optional()
	})
	.refine(({ status, at }) => status !== undefined || at !== undefined, 'needs a status or a place ("at")')
	.refine(({ at, is, contains }) => at !== undefined || (is === undefined && contains === undefined), 'needs "at"');

export type ErrorRule = z.output<typeof errorRule>;

/** How one page leads to the next. `size` records are asked for with {limit}. */
export const paging = z.discriminatedUnion('kind', [
	/** The answer holds what {after} must say next; null or "" = the last page. */
	z.strictObject({
		kind: z.literal('cursor'),
		next: place,
		/** Where the answer says whether there is more; false = the last page, whatever `next` holds. */
		more: place.optional(),
		/** The last page may leave `next` out. */
		mayBeAbsent: z.literal(true).optional()
	}),
	/** {after} is the id (or another place) of the last record shown; `first` stands before the first one. */
	z.strictObject({
		kind: z.literal('last-id'),
		at: place.optional(),
		first: z.string().optional(),
		end: z.enum(['empty-page', 'short-page']).default('empty-page')
	}),
	/** {page} counts from `first`. */
	z.strictObject({
		kind: z.literal('page'),
		first: z.int().min(0).max(1).default(1),
		end: z.enum(['empty-page', 'short-page']).default('empty-page'),
		/** Header with the number of pages; then no page is asked for in vain. */
		pagesHeader: headerName.optional()
	}),
	/** {offset} counts records from 0. A change feed goes on from the last stamp instead, so that it skips none. */
	z.strictObject({ kind: z.literal('offset'), end: z.enum(['empty-page', 'short-page']).default('empty-page') }),
	/** Header `Link` with rel="next". */
	z.strictObject({ kind: z.literal('link-header') }),
	/** The answer holds the whole address of the next page. Absent, null or "" = the last page. */
	z.strictObject({ kind: z.literal('next-url'), next: place }),
	z.strictObject({ kind: z.literal('none') })
]);

export type Paging = z.output<typeof paging>;

/** Every id or reference in its own words, joined: { each: "id eq {id}", of: "ids", join: " or " }. */
const eachSchema = z.strictObject({ each: z.string(), of: z.enum(['ids', 'references']), join: z.string() });

/** One call. Values stand in braces, {id}; each is encoded for where it stands. */
export const request = z.strictObject({
	method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
	path: z
		.string()
		.regex(/^(\/[^?#]*)?$/, 'must begin with / and have no query')
		.optional(),
	/** A parameter whose value is not there is left out. */
	query: z.record(z.string(), z.union([z.string(), eachSchema])).optional(),
	headers: z.record(headerName, z.string()).optional(),
	/** Any JSON. A text that is one variable becomes its value; "...": "{fields}" spreads an object. */
	body: z.json().optional(),
	/** A GraphQL document, never a template: values go into `variables`. */
	graphql: z.union([z.string(), z.array(z.string())]).optional(),
	variables: z.record(z.string(), z.json()).optional(),
	/** Where the answer holds its records, or its record, where this differs from the entity's. */
	items: place.optional(),
	item: place.optional(),
	/** Where the answer to a create holds only the id. */
	id: place.optional(),
	paging: paging.optional(),
	errors: z.array(errorRule).optional()
});

export type RestRequest = z.output<typeof request>;

const paged = ['limit', 'after', 'page', 'offset'];

/** Which values each request may use, and one of which it must use. */
const variablesOf = {
	list: { may: paged, must: [] },
	get: { may: ['id'], must: ['id'] },
	batchGet: { may: ['ids', 'id', ...paged], must: ['ids'] },
	changes: { may: ['since', ...paged], must: ['since'] },
	search: { may: ['text', ...paged], must: ['text'] },
	searchMore: { may: ['text', ...paged], must: ['text'] },
	findByReference: { may: ['reference', 'references', ...paged], must: ['reference', 'references'] },
	create: { may: ['fields', 'reference'], must: ['fields'] },
	update: { may: ['id', 'fields', 'version'], must: ['fields'] },
	deactivate: { may: ['id', 'version'], must: ['id'] },
	activate: { may: ['id', 'version'], must: ['id'] }
} as const satisfies Record<string, { may: readonly string[]; must: readonly string[] }>;

export type RequestName = keyof typeof variablesOf;

/** Which of them take over what `list` says unless they say it themselves. */
const likeList: readonly RequestName[] = ['batchGet', 'changes', 'search', 'searchMore', 'findByReference'];

const byName = z.strictObject({
	/** Every record, archived ones too, in an order that does not change. */
	list: request,
	get: request.optional(),
	batchGet: request.optional(),
	/** What changed at or after {since}, oldest first. */
	changes: request.optional(),
	search: request.optional(),
	/** Asked too where `search` alone finds by code or by name only. */
	searchMore: request.optional(),
	/** With {reference} one call for each, with {references} one for all. */
	findByReference: request.optional(),
	create: request.optional(),
	/** Must change only what is sent. {version} makes it conditional. */
	update: request.optional(),
	/** For a channel that has calls of their own for these; they stand for the field `is_active`. */
	deactivate: request.optional(),
	activate: request.optional()
});

export const requests = byName.transform((given) => withDefaults(given)).superRefine(checkVariables);

export type RestRequests = z.output<typeof requests>;

type Method = NonNullable<RestRequest['method']>;
const methods: Partial<Record<RequestName, Method>> = {
	create: 'POST',
	update: 'PATCH',
	deactivate: 'POST',
	activate: 'POST'
};

/** One request with everything filled in. */
export type FullRequest = RestRequest & { method: Method; path: string };

function withDefaults({ list, ...others }: z.output<typeof byName>) {
	const full = (name: RequestName, one: RestRequest): FullRequest => {
		const isDocument = one.graphql !== undefined;
		const needsBody = (name === 'create' || name === 'update') && one.body === undefined && !isDocument;
		const method = one.method ?? (isDocument ? 'POST' : (methods[name] ?? 'GET'));
		return { ...one, method, path: one.path ?? '', ...(needsBody && { body: '{fields}' }) };
	};
	const filled: { list: FullRequest } & Partial<Record<RequestName, FullRequest>> = { list: full('list', list) };
	for (const [key, one] of Object.entries(others)) {
		const name = key as RequestName;
		if (one) filled[name] = full(name, likeList.includes(name) ? inherit(list, one) : one);
	}
	return filled;
}

/** Only what has a value: a request of its own form (a body, a document) takes no other form along. */
function inherit(list: RestRequest, one: RestRequest): RestRequest {
	const { body, graphql, variables, ...common } = list;
	const ownForm = one.body !== undefined || one.graphql !== undefined;
	const bothBodies = isObject(body) && isObject(one.body) ? { body: { ...body, ...one.body } } : {};
	return {
		...common,
		...(!ownForm && body !== undefined && { body }),
		...(!ownForm && graphql !== undefined && { graphql }),
		...one,
		...bothBodies,
		...(list.query && { query: { ...list.query, ...one.query } }),
		...(list.headers && { headers: { ...list.headers, ...one.headers } }),
		...(!ownForm && variables && { variables: { ...variables, ...one.variables } })
	};
}

function isObject(json: unknown): json is Record<string, z.core.util.JSONType> {
	return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function checkVariables(all: ReturnType<typeof withDefaults>, context: z.RefinementCtx): void {
	const say = (name: string, message: string) => context.addIssue({ code: 'custom', message, path: [name] });
	if (!all.get && !all.batchGet) say('get', 'is missing: a record must be readable by its id, with get or batchGet');
	for (const [key, one] of Object.entries(all)) {
		const { may, must } = variablesOf[key as RequestName];
		const used = variablesIn(one);
		const [unknown] = unknownVariables(used, may);
		if (unknown !== undefined)
			say(key, `has no value {${unknown}}; it has ${may.map((name) => `{${name}}`).join(', ')}`);
		if (must.length > 0 && !must.some((name) => used.has(name))) say(key, `must use {${must.join('} or {')}}`);
		if (one.graphql !== undefined && one.body !== undefined) say(key, 'has both a body and a GraphQL document');
	}
}
