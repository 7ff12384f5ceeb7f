import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Refusal, RefusalKind } from '#src/store/refusal.ts';
import { ConnectorError, type ConnectorErrorKind } from '../connectors/error.ts';

const holderSchema = z.object({
	linkId: z.string(),
	internalId: z.string(),
	value: z.string().nullable(),
	name: z.string().nullable(),
	externalId: z.string(),
	variantId: z.string()
});

/** RFC 9457, with what an operator needs besides. */
export const problemSchema = z
	.object({
		type: z.literal('about:blank'),
		status: z.int(),
		title: z.string(),
		detail: z.string(),
		kind: z.string().openapi({ description: 'Stable word for programs.' }),
		hint: z.string().openapi({ description: 'What a person can do about it.' }),
		field: z.string().optional().openapi({ description: 'The part of the request it is about.' }),
		holder: holderSchema.optional().openapi({ description: 'The mapping that stands in the way.' })
	})
	.openapi('Problem');

export type Problem = z.output<typeof problemSchema>;

const titles: Readonly<Record<number, string>> = {
	400: 'The request is malformed',
	401: 'A credential is needed',
	403: 'Not allowed',
	404: 'Not found',
	409: 'Not possible as things are',
	413: 'The request is too large',
	415: 'Not JSON',
	429: 'Too much at once',
	500: 'A defect of the engine',
	502: 'The channel did not do it',
	503: 'Not possible at this moment'
};

/** A request that ends with a problem document. */
export class ProblemError extends Error {
	override readonly name = 'ProblemError';
	readonly problem: Problem;

	constructor(
		status: number,
		kind: string,
		detail: string,
		hint: string,
		more: Partial<Pick<Problem, 'field' | 'holder'>> = {}
	) {
		super(`${kind}: ${detail}`);
		this.problem = { type: 'about:blank', status, title: titles[status] ?? 'Problem', kind, detail, hint, ...more };
	}
}

/** 404 for something that does not exist. */
export function notFound(
	kind: RefusalKind | 'unknown-run' | 'unknown-path' | 'unknown-connector',
	detail: string,
	hint = 'Check the address.'
): ProblemError {
	return new ProblemError(404, kind, detail, hint);
}

const refusalStatus: Record<RefusalKind, number> = {
	'unknown-channel': 404,
	'unknown-entity': 404,
	'unknown-record': 404,
	'unknown-external': 404,
	'unknown-link': 404,
	held: 409,
	excluded: 409,
	'out-of-scope': 409,
	'intent-open': 409,
	stale: 409,
	'not-allowed': 403,
	invalid: 400,
	'nothing-to-undo': 409
};

/** The problem that a store verb's "no" is. */
export function refused({ kind, message, hint, field, holder }: Refusal): ProblemError {
	return new ProblemError(refusalStatus[kind], kind, message, hint, {
		...(field ? { field } : {}),
		...(holder ? { holder } : {})
	});
}

const later: ReadonlySet<ConnectorErrorKind> = new Set(['rate-limited', 'expired']);

/** The problem that a channel's failure is. */
export function channelFailed({ kind, hint, reply }: ConnectorError): ProblemError {
	return new ProblemError(later.has(kind) ? 503 : 502, kind, reply ?? hint, hint);
}

/** Answers with a problem document. */
export function answerProblem(c: Context, problem: Problem): Response {
	const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
	if (problem.status === 401) headers['www-authenticate'] = 'Bearer';
	return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, headers);
}

/** For the OpenAPI document: any answer that is not the expected one. */
export const problemResponse = {
	description: 'A problem, with a hint what to do.',
	content: { 'application/problem+json': { schema: problemSchema } }
};
