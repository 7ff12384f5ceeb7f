import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { linkRecords } from '#src/mappings/link-records.ts';
import { repointLink } from '#src/mappings/repoint-link.ts';
import { requestSync } from '#src/mappings/request-sync.ts';
import { resolveConflicts } from '#src/mappings/resolve-conflicts.ts';
import { unlinkRecords } from '#src/mappings/unlink-records.ts';
import { personOf, problems, right, type ApiEnv } from './access.ts';
import type { ApiPorts } from './api-ports.ts';
import { body, entityIdParams, entityOf, entityParams, externalIdSchema, idSchema, json } from './input.ts';
import { refused } from './problem.ts';
import { rejectInvalid } from './reject-invalid.ts';
import { requestRun } from './request-run.ts';

const variantSchema = z
	.string()
	.max(500)
	.default('')
	.openapi({ description: 'Empty where the channel has no variants.' });
const overrideSchema = z
	.boolean()
	.default(false)
	.openapi({ description: 'Map although a person set one of the two aside, or one is out of scope.' });
const idOnly = z.object({ id: z.string() });

const routes = {
	create: createRoute({
		method: 'post',
		path: '/v1/mappings/{entity}',
		summary: 'Maps one of our records to one of the channel',
		...right('link'),
		request: {
			params: entityParams,
			body: body(
				z.strictObject({
					channelId: idSchema,
					internalId: idSchema,
					externalId: externalIdSchema,
					variantId: variantSchema,
					isPrimary: z.boolean().default(true),
					override: overrideSchema
				})
			)
		},
		responses: { 201: json(idOnly, 'The new mapping; nothing is overwritten at first contact.'), ...problems }
	}),
	repoint: createRoute({
		method: 'put',
		path: '/v1/mappings/{entity}/{id}',
		summary: 'Makes a mapping mean another record of the channel',
		...right('link'),
		request: {
			params: entityIdParams,
			body: body(z.strictObject({ externalId: externalIdSchema, variantId: variantSchema, override: overrideSchema }))
		},
		responses: { 200: json(idOnly, 'The mapping, under its id.'), ...problems }
	}),
	remove: createRoute({
		method: 'delete',
		path: '/v1/mappings/{entity}/{id}',
		summary: 'Ends a mapping; neither record is changed',
		...right('link'),
		request: { params: entityIdParams, query: z.strictObject({ reason: z.string().max(500).optional() }) },
		responses: { 200: json(z.object({ historyId: z.string() }), 'What an undo needs.'), ...problems }
	}),
	resolve: createRoute({
		method: 'post',
		path: '/v1/mappings/{entity}/{id}/resolve',
		summary: 'Settles conflicts, field by field',
		...right('resolve'),
		request: {
			params: entityIdParams,
			body: body(
				z.strictObject({
					choices: z
						.record(z.string().max(80), z.enum(['internal', 'external']))
						.openapi({ description: 'Whose value stays, by field.' }),
					internalRev: z.string().regex(/^\d{1,18}$/, 'must be the `rev` of our record that was seen'),
					externalVersion: z
						.string()
						.max(1000)
						.openapi({ description: 'The `externalVersion` that was seen; empty for none.' })
				})
			)
		},
		responses: {
			200: json(idOnly.extend({ resolved: z.int(), open: z.int() }), 'The next run carries the choices over.'),
			...problems
		}
	}),
	sync: createRoute({
		method: 'post',
		path: '/v1/mappings/{entity}/{id}/sync',
		summary: 'Looks at one mapping now',
		...right('run'),
		request: { params: entityIdParams },
		responses: { 202: json(z.object({ runId: z.string() }), 'The run that does it.'), ...problems }
	})
};

/** Mappings, changed by the verbs the web uses too. */
export function mappingChangeRoutes(ports: ApiPorts) {
	const { db } = ports;
	return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
		.openapi(routes.create, async (c) => {
			const { name } = entityOf(c.req.valid('param').entity);
			const result = await linkRecords(db, { ...c.req.valid('json'), entity: name, ...personOf(c.get('caller')) });
			if (!result.ok) throw refused(result);
			return c.json({ id: result.linkId }, 201);
		})
		.openapi(routes.repoint, async (c) => {
			const { entity, id } = c.req.valid('param');
			const result = await repointLink(db, {
				...c.req.valid('json'),
				entity: entityOf(entity).name,
				linkId: id,
				...personOf(c.get('caller'))
			});
			if (!result.ok) throw refused(result);
			return c.json({ id: result.linkId }, 200);
		})
		.openapi(routes.remove, async (c) => {
			const { entity, id } = c.req.valid('param');
			const reason = c.req.valid('query').reason ?? '';
			const result = await unlinkRecords(db, {
				entity: entityOf(entity).name,
				linkId: id,
				reason,
				...personOf(c.get('caller'))
			});
			if (!result.ok) throw refused(result);
			return c.json({ historyId: result.historyId }, 200);
		})
		.openapi(routes.resolve, async (c) => {
			const { entity, id } = c.req.valid('param');
			const result = await resolveConflicts(db, {
				...c.req.valid('json'),
				entity: entityOf(entity).name,
				linkId: id,
				...personOf(c.get('caller'))
			});
			if (!result.ok) throw refused(result);
			return c.json({ id, resolved: result.resolved, open: result.open }, 200);
		})
		.openapi(routes.sync, async (c) => {
			const { entity: name, id } = c.req.valid('param');
			const entity = entityOf(name);
			const result = await requestSync(db, { entity: name, linkIds: [id], ...personOf(c.get('caller')) });
			if (!result.ok) throw refused(result);
			const channelId = result.links[0]?.channelId ?? '';
			const { runId } = await requestRun(ports, c.get('caller'), { channelId, entity, mode: 'records', linkIds: [id] });
			return c.json({ runId }, 202);
		});
}
