import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { InternalRecord } from '#src/entities/entity.ts';
import { findLinks } from '#src/mappings/find-links.ts';
import { listDecisions, type Decision } from '#src/mappings/list-decisions.ts';
import { readEndedLink, readLink, type LinkDetail } from '#src/mappings/read-link.ts';
import { linkStatuses } from '#src/sync/outcome.ts';
import type { Db } from '#src/db/client.ts';
import type { ExternalRecord } from '../connectors/connector.ts';
import { problems, right, type ApiEnv } from './access.ts';
import type { ApiPorts } from './api-ports.ts';
import {
	entityIdParams,
	entityOf,
	entityParams,
	externalIdSchema,
	idSchema,
	json,
	pageOf,
	pageQuery,
	shaped
} from './input.ts';
import { notFound, ProblemError } from './problem.ts';
import { rejectInvalid } from './reject-invalid.ts';
import { nextOf } from './runs.ts';

const idsAtMost = 500;
const historyAtMost = 20;

const mappingSchema = z
	.object({
		id: z.string(),
		channelId: z.string(),
		internalId: z.string(),
		value: z.string().nullable(),
		name: z.string().nullable(),
		externalId: z.string(),
		variantId: z.string(),
		isPrimary: z.boolean(),
		status: z.enum(linkStatuses as [string, ...string[]]),
		waiting: z.string().nullable(),
		problem: z
			.object({ kind: z.string(), message: z.string(), hint: z.string(), field: z.string().optional() })
			.nullable(),
		syncedAt: z.string().nullable(),
		createdAt: z.string(),
		updatedAt: z.string()
	})
	.openapi('Mapping');

const detailSchema = z
	.object({
		mapping: shaped<LinkDetail>('The mapping: status, bases, conflicts, problem.'),
		internal: shaped<InternalRecord>('Our record now; null where it is gone.').nullable(),
		external: shaped<ExternalRecord>(
			"The channel's record, read just now; null where it is gone or could not be read."
		).nullable(),
		externalProblem: z.object({ kind: z.string(), hint: z.string() }).nullable(),
		decision: shaped<Record<string, unknown>>(
			'What would be done now and why; null where the channel could not be read.'
		).nullable(),
		history: z.array(shaped<Decision>('A journal entry, newest first.'))
	})
	.openapi('MappingDetail');

export type MappingDetail = z.output<typeof detailSchema>;

/** One or up to 500 values: a parameter that may be repeated. */
function repeated<Schema extends z.ZodType<string>>(schema: Schema) {
	return z
		.union([schema, z.array(schema).max(idsAtMost, `at most ${idsAtMost} a call`)])
		.transform((value) => [value].flat() as string[])
		.optional()
		.openapi({ type: 'array', items: { type: 'string' }, maxItems: idsAtMost });
}

const routes = {
	list: createRoute({
		method: 'get',
		path: '/v1/mappings/{entity}',
		summary: 'Mappings by channel, ids or search key',
		...right('read'),
		request: {
			params: entityParams,
			query: z.strictObject({
				channel: idSchema.optional(),
				internalId: repeated(idSchema),
				externalId: repeated(externalIdSchema),
				value: repeated(externalIdSchema),
				...pageQuery
			})
		},
		responses: { 200: json(pageOf(mappingSchema), 'A page of mappings.'), ...problems }
	}),
	read: createRoute({
		method: 'get',
		path: '/v1/mappings/{entity}/{id}',
		summary: 'One mapping with both sides, the decision and its reasons',
		...right('read'),
		request: { params: entityIdParams },
		responses: { 200: json(detailSchema, 'The mapping, explained.'), ...problems }
	})
};

/** Mappings, read. */
export function mappingRoutes({ db, engine }: ApiPorts) {
	return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
		.openapi(routes.list, async (c) => {
			const entity = entityOf(c.req.valid('param').entity);
			const { channel, internalId, externalId, value, after, limit } = c.req.valid('query');
			const asked = [internalId, externalId, value].reduce((sum, list) => sum + (list?.length ?? 0), 0);
			if (asked > idsAtMost) {
				throw new ProblemError(400, 'invalid', `At most ${idsAtMost} ids a call.`, 'Ask in several calls.', {
					field: 'internalId'
				});
			}
			const page = await findLinks(db, entity, {
				channelId: channel,
				internalIds: internalId,
				externalIds: externalId,
				values: value,
				cursor: after,
				limit
			});
			return c.json({ items: page.rows, next: nextOf(page) }, 200);
		})
		.openapi(routes.read, async (c) => {
			const { entity: name, id } = c.req.valid('param');
			const entity = entityOf(name);
			const mapping = await readLink(db, { entity: entity.name, id });
			if (!mapping) throw await noMapping(db, entity.name, id);
			const explained = await engine.explain(entity.name, id);
			const history = await listDecisions(db, { entity: entity.name, linkId: id, limit: historyAtMost });
			return c.json(
				{
					mapping,
					internal: mapping.internal,
					external: (explained?.external ?? null) as ExternalRecord | null,
					externalProblem: explained?.externalProblem ?? null,
					decision: explained?.decision ?? null,
					history: history.rows
				},
				200
			);
		});
}

/** 404, with who ended it where it was there once. */
async function noMapping(db: Db, entity: string, id: string): Promise<ProblemError> {
	const ended = await readEndedLink(db, { entity, id });
	if (!ended)
		return notFound(
			'unknown-link',
			`There is no mapping ${id} of ${entity}.`,
			'GET /v1/mappings lists those there are.'
		);
	return notFound(
		'unknown-link',
		`${ended.endedBy} ended mapping ${id} at ${ended.endedAt}.`,
		'The record page offers to undo it.'
	);
}
