import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { sql } from 'drizzle-orm';
import { problems, right, type ApiEnv } from './access.ts';
import type { ApiPorts } from './api-ports.ts';
import { json } from './input.ts';
import { rejectInvalid } from './reject-invalid.ts';

const statusSchema = z
	.object({ status: z.enum(['ok', 'unavailable']), database: z.boolean().optional(), queue: z.boolean().optional() })
	.openapi('Status');

const routes = {
	health: createRoute({
		method: 'get',
		path: '/health',
		summary: 'The process lives',
		responses: { 200: json(statusSchema, 'It does.') }
	}),
	ready: createRoute({
		method: 'get',
		path: '/ready',
		summary: 'Database and queue work',
		responses: { 200: json(statusSchema, 'They do.'), 503: json(statusSchema, 'One of them does not.') }
	}),
	metrics: createRoute({
		method: 'get',
		path: '/metrics',
		summary: 'Figures for Prometheus',
		...right('read'),
		responses: {
			200: { description: 'Text format of Prometheus.', content: { 'text/plain': { schema: z.string() } } },
			...problems
		}
	})
};

/** For those who run the engine. */
export function operationRoutes({ db, metrics, queueReady }: ApiPorts) {
	return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
		.openapi(routes.health, (c) => c.json({ status: 'ok' as const }, 200))
		.openapi(routes.ready, async (c) => {
			const database = await db.execute(sql`select 1`).then(
				() => true,
				() => false
			);
			const queue = queueReady();
			if (database && queue) return c.json({ status: 'ok' as const, database, queue }, 200);
			return c.json({ status: 'unavailable' as const, database, queue }, 503);
		})
		.openapi(routes.metrics, async (c) => c.text(await metrics.registry.metrics(), 200));
}
