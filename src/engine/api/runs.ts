import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { leaveOut } from '#src/mappings/leave-out.ts';
import { listRunItems } from '#src/mappings/list-run-items.ts';
import { listRuns, type RunRow } from '#src/mappings/list-runs.ts';
import { planRefusal, readPlan } from '#src/mappings/read-plan.ts';
import { readRun } from '#src/mappings/read-run.ts';
import { requestSync } from '#src/mappings/request-sync.ts';
import { requestCancel } from '#src/store/finish-run.ts';
import { outcomes } from '#src/sync/outcome.ts';
import { personOf, problems, right, type ApiEnv, type Caller } from './access.ts';
import type { ApiPorts } from './api-ports.ts';
import { channelEntityOf } from './find-channel.ts';
import { body, entityOf, idParams, idSchema, json, pageOf, pageQuery } from './input.ts';
import { notFound, ProblemError, refused } from './problem.ts';
import { rejectInvalid } from './reject-invalid.ts';
import { requestRun } from './request-run.ts';
import { streamRun } from './run-events.ts';

const modes = ['incremental', 'full', 'preview', 'records'] as const;
const states = ['queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled', 'held'] as const;
const problemOfRun = z.object({ kind: z.string(), message: z.string(), hint: z.string() });

const runSchema = z
	.object({
		id: z.string(),
		channelId: z.string(),
		channelName: z.string(),
		entity: z.string(),
		mode: z.string(),
		startedBy: z.string(),
		state: z.string().openapi({ enum: [...states] }),
		phase: z.string().nullable(),
		counts: z.record(z.string(), z.number()),
		problem: problemOfRun.nullable(),
		cancelRequested: z.boolean(),
		queuedAt: z.string(),
		startedAt: z.string().nullable(),
		endedAt: z.string().nullable()
	})
	.openapi('Run');

export type Run = z.output<typeof runSchema>;

const planSchema = z.object({
	changes: z.array(
		z.object({
			field: z.string(),
			side: z.enum(['internal', 'external', 'ask']),
			before: z.union([z.string(), z.boolean(), z.null()]),
			after: z.union([z.string(), z.boolean(), z.null()])
		})
	),
	internalRev: z.string().nullable(),
	externalVersion: z.string().nullable()
});

const itemSchema = z
	.object({
		id: z.string(),
		linkId: z.string().nullable(),
		internalId: z.string().nullable(),
		value: z.string().nullable(),
		name: z.string().nullable(),
		externalId: z.string().nullable(),
		action: z.string(),
		outcome: z.string(),
		fields: z.array(z.string()),
		problem: problemOfRun.extend({ field: z.string().optional() }).nullable(),
		plan: planSchema
			.nullable()
			.openapi({ description: 'For a preview: what would be written, and what it was worked out from.' }),
		leftOut: z.boolean(),
		at: z.string()
	})
	.openapi('RunItem');

const startSchema = z
	.strictObject({
		channelId: idSchema,
		entity: z.string().min(1),
		mode: z.enum(modes),
		mappingIds: z.array(idSchema).min(1).max(500).optional().openapi({ description: 'For the mode `records`.' })
	})
	.refine(({ mode, mappingIds }) => (mode === 'records') === (mappingIds !== undefined), {
		path: ['mappingIds'],
		message: 'goes with the mode "records", and only with it'
	});

const applySchema = z.strictObject({
	exceptItemIds: z.array(idSchema).max(10_000).optional().openapi({ description: 'Items that are left out for good.' })
});

const routes = {
	start: createRoute({
		method: 'post',
		path: '/v1/runs',
		summary: 'Starts a run',
		...right('run'),
		request: { body: body(startSchema) },
		responses: {
			202: json(
				z.object({ id: z.string() }),
				'It waits for a worker; a run of the same mode that still waits is returned instead.'
			),
			...problems
		}
	}),
	list: createRoute({
		method: 'get',
		path: '/v1/runs',
		summary: 'Runs, newest first',
		...right('read'),
		request: {
			query: z.strictObject({
				channel: idSchema.optional(),
				entity: z.string().optional(),
				state: z.enum(states).optional(),
				...pageQuery
			})
		},
		responses: { 200: json(pageOf(runSchema), 'A page of runs.'), ...problems }
	}),
	read: createRoute({
		method: 'get',
		path: '/v1/runs/{id}',
		summary: 'One run',
		...right('read'),
		request: { params: idParams },
		responses: { 200: json(runSchema, 'The run, with its counts so far.'), ...problems }
	}),
	items: createRoute({
		method: 'get',
		path: '/v1/runs/{id}/items',
		summary: 'Records of a run that were not a no-op',
		...right('read'),
		request: { params: idParams, query: z.strictObject({ outcome: z.enum(outcomes).optional(), ...pageQuery }) },
		responses: { 200: json(pageOf(itemSchema), 'A page of items, in the order they were done.'), ...problems }
	}),
	cancel: createRoute({
		method: 'post',
		path: '/v1/runs/{id}/cancel',
		summary: 'Stops a run at its next step',
		...right('run'),
		request: { params: idParams },
		responses: { 200: json(runSchema, 'The run, asked to stop.'), ...problems }
	}),
	apply: createRoute({
		method: 'post',
		path: '/v1/runs/{id}/apply',
		summary: 'Carries out the plan of a preview',
		description:
			'Every record of the plan but those left out is decided anew; where either side moved since, or something else would be written, it is refused and named among the items of the run.',
		...right('run'),
		request: { params: idParams, body: body(applySchema) },
		responses: {
			202: json(z.object({ id: z.string() }), 'The run that carries it out waits for a worker.'),
			...problems
		}
	}),
	events: createRoute({
		method: 'get',
		path: '/v1/runs/{id}/events',
		summary: 'Progress of a run as server-sent events',
		description: 'Events `progress` with the run as data and an id that Last-Event-ID resumes from, then `end`.',
		...right('read'),
		request: { params: idParams },
		responses: {
			200: { description: 'The stream.', content: { 'text/event-stream': { schema: z.string() } } },
			...problems
		}
	})
};

/** Runs: start, watch, stop. */
export function runRoutes(ports: ApiPorts) {
	const { db } = ports;
	return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
		.openapi(routes.start, async (c) => {
			const { channelId, entity: name, mode, mappingIds } = c.req.valid('json');
			const entity = entityOf(name);
			const { channel } = await channelEntityOf(db, channelId, entity.name);
			if (channel.pausedAt) {
				throw new ProblemError(409, 'paused', `${channel.name} is paused.`, 'Resume the channel, then start the run.');
			}
			const linkIds =
				mappingIds && (await markLinks(ports, c.get('caller'), { channelId, entity: entity.name, mappingIds }));
			const { runId } = await requestRun(ports, c.get('caller'), { channelId, entity, mode, linkIds });
			return c.json({ id: runId }, 202);
		})
		.openapi(routes.list, async (c) => {
			const { channel, entity, state, after, limit } = c.req.valid('query');
			if (entity !== undefined) entityOf(entity);
			const page = await listRuns(db, { channelId: channel, entity, state }, { cursor: after, limit });
			return c.json({ items: page.rows, next: nextOf(page) }, 200);
		})
		.openapi(routes.read, async (c) => c.json(await runOf(ports, c.req.valid('param').id), 200))
		.openapi(routes.items, async (c) => {
			const run = await runOf(ports, c.req.valid('param').id);
			const { outcome, after, limit } = c.req.valid('query');
			const page = await listRunItems(db, entityOf(run.entity), { runId: run.id, outcome }, { cursor: after, limit });
			return c.json({ items: page.rows, next: nextOf(page) }, 200);
		})
		.openapi(routes.cancel, async (c) => {
			const { id } = c.req.valid('param');
			const run = await runOf(ports, id);
			if (!(await requestCancel(db, { runId: id }))) {
				throw new ProblemError(409, 'over', `Run ${id} is over (${run.state}).`, 'There is nothing to stop.');
			}
			return c.json(await runOf(ports, id), 200);
		})
		.openapi(routes.apply, async (c) => {
			const { id } = c.req.valid('param');
			await runOf(ports, id);
			const { exceptItemIds } = c.req.valid('json');
			return c.json({ id: await applyPlan(ports, c.get('caller'), { id, exceptItemIds: exceptItemIds ?? [] }) }, 202);
		})
		.openapi(routes.events, async (c) => {
			const run = await runOf(ports, c.req.valid('param').id);
			return streamRun(ports, c, run.id);
		});
}

/** The next cursor of a page. @throws ProblemError 400 where the cursor asked for was none */
export function nextOf(page: { next: string | null; invalidCursor: boolean }): string | null {
	if (page.invalidCursor) {
		throw new ProblemError(
			400,
			'invalid',
			'after: is not a place in this list',
			'Take `next` of the page before, with the same filters.',
			{ field: 'after' }
		);
	}
	return page.next;
}

/** Marks the mappings to be looked at; those of this channel. @throws ProblemError 404 where there is none */
async function markLinks(
	{ db }: ApiPorts,
	caller: Caller,
	input: { channelId: string; entity: string; mappingIds: readonly string[] }
): Promise<string[]> {
	const result = await requestSync(db, { entity: input.entity, linkIds: input.mappingIds, ...personOf(caller) });
	if (!result.ok) throw refused(result);
	const links = result.links.filter(({ channelId }) => channelId === input.channelId).map(({ id }) => id);
	if (links.length === 0)
		throw notFound('unknown-link', 'None of these mappings is one of this channel.', 'Check channelId and mappingIds.');
	return links;
}

/** Has a plan carried out, but for these items. @throws ProblemError where it cannot be any more */
async function applyPlan(
	ports: ApiPorts,
	caller: Caller,
	{ id, exceptItemIds }: { id: string; exceptItemIds: readonly string[] }
): Promise<string> {
	if (exceptItemIds.length > 0) {
		const left = await leaveOut(ports.db, { runId: id, itemIds: exceptItemIds, leftOut: true, ...personOf(caller) });
		if (!left.ok) throw refused(left);
	}
	const plan = await readPlan(ports.db, { runId: id });
	if (!plan) throw new ProblemError(409, 'stale', `Run ${id} is no preview.`, 'Start a run with the mode "preview".');
	const no = planRefusal(plan);
	if (no) throw refused(no);
	const { channelId, entity } = plan;
	const { runId } = await requestRun(ports, caller, { channelId, entity: entityOf(entity), mode: 'apply', planId: id });
	return runId;
}

async function runOf({ db }: ApiPorts, id: string): Promise<RunRow> {
	const run = await readRun(db, { id });
	if (!run)
		throw notFound('unknown-run', `There is no run ${id}.`, 'Old runs are forgotten; GET /v1/runs lists the others.');
	return run;
}
