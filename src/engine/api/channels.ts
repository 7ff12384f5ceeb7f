import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ChannelEntityRow, ChannelRow } from '#src/mappings/channel-row.ts';
import { entitiesIn } from '#src/mappings/entities-now.ts';
import { linksOfExternals } from '#src/mappings/find-links.ts';
import { listChannels } from '#src/mappings/list-channels.ts';
import { oldestUndelivered } from '#src/mappings/oldest-undelivered.ts';
import { timestampLossCounts, type TimestampLossCount } from '#src/mappings/timestamp-losses.ts';
import { waitingCounts } from '#src/mappings/waiting-counts.ts';
import { entityNamed, inDependencyOrder } from '#src/entities/registry.ts';
import type { Fields } from '#src/sync/fields.ts';
import { linkStatuses, type LinkStatus } from '#src/sync/outcome.ts';
import type { Schedule } from '#src/sync/policy.ts';
import { problems, right, type ApiEnv, type Caller } from './access.ts';
import type { ApiPorts } from './api-ports.ts';
import { entityDueMs, entityHealth, healthWords, worstHealth } from './channel-health.ts';
import { connectionOf, connectionSchema } from './connection.ts';
import { channelEntityOf, channelOf } from './find-channel.ts';
import { entityOf, idParams, idSchema, json, pageOf, shaped } from './input.ts';
import { rejectInvalid } from './reject-invalid.ts';
import { requestRun } from './request-run.ts';
import { resourceSchema, resourcesOf } from './resources.ts';
import { testChannel, testSchema } from './test-channel.ts';

const runBrief = z.object({
	id: z.string(),
	mode: z.string(),
	state: z.string(),
	queuedAt: z.string(),
	startedAt: z.string().nullable(),
	endedAt: z.string().nullable(),
	problem: z.object({ kind: z.string(), message: z.string(), hint: z.string() }).nullable()
});

const entitySchema = z.object({
	entity: z.string(),
	health: z.enum(healthWords),
	pushLive: z.boolean(),
	pullLive: z.boolean(),
	schedule: shaped<Schedule>('{ everySeconds } or { cron, zone }'),
	counts: shaped<Record<LinkStatus, number>>('Mappings by status.'),
	links: z.int(),
	waiting: z
		.object({ push: z.int(), pull: z.int(), merge: z.int() })
		.openapi({ description: 'What would be done if its direction were live.' }),
	held: z.int(),
	suggestions: z.int(),
	failures: z.int().openapi({ description: 'Runs in a row that could not use the channel.' }),
	lastRun: runBrief.nullable(),
	lastSuccessAt: z.string().nullable(),
	lagSeconds: z
		.number()
		.nullable()
		.openapi({ description: 'Age of the oldest change that is not carried over yet; null where nothing waits.' }),
	nextDueAt: z.string().nullable()
});

const channelSchema = z
	.object({
		id: z.string(),
		name: z.string(),
		connector: z.string(),
		pausedAt: z.string().nullable(),
		pausedReason: z.string().nullable(),
		problem: z.object({ kind: z.string(), message: z.string(), hint: z.string(), at: z.string() }).nullable(),
		health: z.enum(healthWords),
		timestampsWouldHaveLost: z
			.object({
				last30Days: z.int(),
				ever: z.int(),
				isMinimum: z.boolean().openapi({ description: 'There are more than were counted.' })
			})
			.openapi({ description: 'Edits that comparing timestamps alone would have overwritten without a trace.' }),
		entities: z.array(entitySchema)
	})
	.openapi('Channel');

export type ChannelStatus = z.output<typeof channelSchema>;

const probeSchema = z
	.object({
		reached: z.boolean(),
		kind: z.string().nullable().openapi({ description: 'Why not; null when reached.' }),
		message: z.string(),
		hint: z.string(),
		tookMs: z.number(),
		...testSchema.shape
	})
	.openapi('Probe');

export type Probe = z.output<typeof probeSchema>;

const recordSchema = z
	.object({
		externalId: z.string(),
		variantId: z.string(),
		fields: shaped<Fields>('Values by field.'),
		version: z.string().nullable(),
		stamp: z.string().nullable(),
		url: z.string().nullable(),
		mappingId: z.string().nullable().openapi({ description: 'What it is mapped by already.' })
	})
	.openapi('ChannelRecord');

export type ChannelRecord = z.output<typeof recordSchema>;

const routes = {
	list: createRoute({
		method: 'get',
		path: '/v1/channels',
		summary: 'Channels with health, counts and lag',
		...right('read'),
		request: { query: z.strictObject({}) },
		responses: { 200: json(pageOf(channelSchema), 'Every channel.'), ...problems }
	}),
	test: createRoute({
		method: 'post',
		path: '/v1/channels/{id}/test',
		summary:
			'Tries the channel step by step: address, encryption, credentials, a sample of its records. Where it can be used, what waits because it could not is synced at once',
		...right('run'),
		request: { params: idParams },
		responses: { 200: json(probeSchema, 'Whether it was reached, and why not.'), ...problems }
	}),
	resources: createRoute({
		method: 'get',
		path: '/v1/channels/{id}/resources',
		summary: 'What the channel can carry, with its fields; asks the channel nothing',
		...right('read'),
		request: { params: idParams },
		responses: { 200: json(pageOf(resourceSchema), 'One for each kind of record.'), ...problems }
	}),
	connection: createRoute({
		method: 'get',
		path: '/v1/channels/{id}/connection',
		summary: 'What the channel is connected to, and what can be relied on there',
		...right('read'),
		request: { params: idParams },
		responses: { 200: json(connectionSchema, 'Settings in words, guards, what a check found.'), ...problems }
	}),
	records: createRoute({
		method: 'get',
		path: '/v1/channels/{id}/{entity}/records',
		summary: "Searches the channel's own records, live",
		...right('read'),
		request: {
			params: z.strictObject({ id: idSchema, entity: z.string().openapi({ example: 'product' }) }),
			query: z.strictObject({
				search: z.string().trim().min(1, 'must not be empty').max(200),
				after: z
					.string()
					.max(4000)
					.optional()
					.openapi({ description: 'Accepted for symmetry: the best 20 are one page.' })
			})
		},
		responses: { 200: json(pageOf(recordSchema), 'The best matches, at most 20.'), ...problems }
	})
};

/** Channels: how they do, a test call, and their records for linking. */
export function channelRoutes(ports: ApiPorts) {
	const { db, engine, clock } = ports;
	return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
		.openapi(routes.list, async (c) => {
			const [rows, losses] = await Promise.all([listChannels(db), timestampLossCounts(db)]);
			const items = await Promise.all(rows.map((row) => channelStatus(ports, row, losses.get(row.id))));
			return c.json({ items, next: null }, 200);
		})
		.openapi(routes.test, async (c) => {
			const { id } = c.req.valid('param');
			const channel = await channelOf(db, id);
			const startedMs = clock.monotonicMs();
			const { failure, ...test } = await testChannel(
				{ ...ports, entities: await entitiesIn(db) },
				channel,
				c.req.raw.signal
			);
			const tookMs = Math.round(clock.monotonicMs() - startedMs);
			if (!failure && channel.pausedAt === null) await goOn(ports, c.get('caller'), channel);
			const message = `${channel.name} answers and accepts the credentials.`;
			const words = failure
				? { reached: false, kind: failure.kind, message: failure.reply ?? failure.hint, hint: failure.hint }
				: { reached: true, kind: null, message, hint: '' };
			return c.json({ ...words, tookMs, ...test }, 200);
		})
		.openapi(routes.resources, async (c) => {
			const channel = await channelOf(db, c.req.valid('param').id);
			return c.json({ items: await resourcesOf(ports, channel), next: null }, 200);
		})
		.openapi(routes.connection, async (c) => {
			const channel = await channelOf(db, c.req.valid('param').id);
			return c.json(await connectionOf(ports, channel), 200);
		})
		.openapi(routes.records, async (c) => {
			const { id, entity: name } = c.req.valid('param');
			const entity = entityOf(name);
			await channelEntityOf(db, id, entity.name);
			const records = await engine.searchRecords(id, entity.name, c.req.valid('query').search);
			const links = await linksOfExternals(db, entity, {
				channelId: id,
				externalIds: records.map((record) => record.id)
			});
			const items = records.map((record) => ({
				externalId: record.id,
				variantId: record.variantId,
				fields: record.fields,
				version: record.version,
				stamp: record.stamp,
				url: record.url ?? null,
				mappingId: links.get(`${record.id}/${record.variantId}`) ?? null
			}));
			return c.json({ items, next: null }, 200);
		});
}

/** Starts what waits for its next try, as the channel could not be used: records first that others point to. */
async function goOn(ports: ApiPorts, caller: Caller, { id, entities }: ChannelRow): Promise<void> {
	const failing = entities.filter(({ failures }) => failures > 0).map(({ entity }) => entity);
	for (const name of inDependencyOrder(failing))
		await requestRun(ports, caller, { channelId: id, entity: entityOf(name), mode: 'incremental' });
}

async function channelStatus(
	{ db, clock }: ApiPorts,
	row: ChannelRow,
	losses: TimestampLossCount | undefined
): Promise<ChannelStatus> {
	const nowMs = clock.nowMs();
	const entities = await Promise.all(row.entities.map((entity) => entityStatus(db, row, entity, nowMs)));
	const { id, name, connector, pausedAt, pausedReason, problem } = row;
	return {
		id,
		name,
		connector,
		pausedAt,
		pausedReason,
		problem,
		health: worstHealth(entities.map(({ health }) => health)),
		timestampsWouldHaveLost: losses ?? { last30Days: 0, ever: 0, isMinimum: false },
		entities
	};
}

async function entityStatus(
	db: ApiPorts['db'],
	row: ChannelRow,
	entity: ChannelEntityRow,
	nowMs: number
): Promise<ChannelStatus['entities'][number]> {
	const known = entityNamed(entity.entity);
	const counts = Object.fromEntries(linkStatuses.map((status) => [status, entity.counts[status] ?? 0])) as Record<
		LinkStatus,
		number
	>;
	const waiting = known && counts.pending > 0 ? await waitingCounts(db, known, row.id) : { push: 0, pull: 0, merge: 0 };
	const dueMs = entityDueMs(row, entity);
	const { pushLive, pullLive, schedule, held, suggestions, failures, lastRun, lastSuccessAt } = entity;
	return {
		entity: entity.entity,
		health: entityHealth(row, entity, nowMs),
		pushLive,
		pullLive,
		schedule,
		counts,
		links: linkStatuses.reduce((sum, status) => sum + counts[status], 0),
		waiting,
		held,
		suggestions,
		failures,
		lastRun,
		lastSuccessAt,
		lagSeconds: known ? await oldestUndelivered(db, known, row.id) : null,
		nextDueAt: dueMs === null ? null : new Date(dueMs).toISOString()
	};
}
