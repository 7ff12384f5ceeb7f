import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { hashApiToken, newApiToken } from '#src/auth/api-token.ts';
import { signEngineToken } from '#src/auth/engine-token.ts';
import type { Role } from '#src/auth/roles.ts';
import { createApi } from '#src/engine/api/create-api.ts';
import { createMetrics } from '#src/engine/api/metrics.ts';
import type { ExternalRecord, Session } from '#src/engine/connectors/connector.ts';
import { ConnectorError } from '#src/engine/connectors/error.ts';
import { connectors } from '#src/engine/connectors/registry.ts';
import type { Engine, RunRequest } from '#src/engine/engine.ts';
import type { Clock } from '#src/engine/ports.ts';
import { acceptWebhook } from '#src/store/accept-webhook.ts';
import { queueRun } from '#src/store/queue-run.ts';
import { createToken } from '#src/store/tokens.ts';
import { defaultPolicy } from '#src/sync/policy.ts';
import type { TestDatabase } from './database.ts';

export const secretKey = 'a secret key for tests, 32 characters and more';

const clock: Clock = {
	nowMs: () => performance.timeOrigin + performance.now(),
	monotonicMs: () => performance.now(),
	sleep: (ms, signal) => sleep(ms, undefined, { signal }) as Promise<void>
};

/** The API on a real database, with an engine that only remembers what it was asked. */
export async function createApiWorld({ db }: TestDatabase) {
	const requests: RunRequest[] = [];
	const stub = { failure: null as ConnectorError | null, records: [] as ExternalRecord[], queueReady: true };
	const session: Session = {
		resource: () => undefined,
		probe: async () => {
			if (stub.failure) throw stub.failure;
		},
		close: async () => {}
	};
	const engine: Engine = {
		async requestRun(request) {
			requests.push(request);
			const { channelId, entity, mode, linkIds, startedBy } = request;
			return queueRun(db, { channelId, entity, mode, startedBy, linkIds: linkIds ?? null });
		},
		acceptWebhook: async (webhook) => (await acceptWebhook(db, webhook)).kind,
		performRun: async () => {},
		async searchRecords() {
			if (stub.failure) throw stub.failure;
			return stub.records;
		},
		openSession: async () => session,
		explain: async () => ({
			link: {},
			internal: null,
			external: { id: 'E1' },
			externalProblem: null,
			decision: { action: 'none' }
		})
	};
	const ending = new AbortController();
	const problems: unknown[] = [];
	const log = {
		info: () => {},
		warn: () => {},
		error: (message: string, detail?: unknown) => void problems.push([message, detail])
	};
	const api = createApi({
		db,
		engine,
		connectors,
		clock,
		log,
		metrics: createMetrics(),
		secretKey,
		queueReady: () => stub.queueReady,
		ending: ending.signal
	});
	const tokens = {} as Record<Role, string>;
	for (const role of ['viewer', 'operator', 'administrator'] as const) {
		tokens[role] = newApiToken();
		await createToken(db, {
			name: `${role} program`,
			role,
			tokenHash: hashApiToken(tokens[role]),
			actor: { name: 'test' },
			via: 'command'
		});
	}

	async function request(
		path: string,
		options: {
			method?: string;
			role?: Role | 'none';
			token?: string;
			json?: unknown;
			headers?: Record<string, string>;
			body?: string;
		} = {}
	) {
		const { method = 'GET', role = 'operator', json } = options;
		const token = options.token ?? (role === 'none' ? undefined : tokens[role]);
		const body = json === undefined ? options.body : JSON.stringify(json);
		return api.request(path, {
			method,
			headers: {
				...(token ? { authorization: `Bearer ${token}` } : {}),
				...(json === undefined ? {} : { 'content-type': 'application/json' }),
				...options.headers
			},
			...(body === undefined ? {} : { body })
		});
	}
	return {
		api,
		db,
		ending,
		problems,
		request,
		requests,
		stub,
		tokens,
		webToken: (role: Role, nowSeconds = clock.nowMs() / 1000) =>
			signEngineToken(secretKey, { email: 'ann@example.com', role }, nowSeconds)
	};
}

export type ApiWorld = Awaited<ReturnType<typeof createApiWorld>>;

/** A channel that carries products. */
export async function addChannel(db: TestDatabase['db'], name: string): Promise<string> {
	const [row] = await db.execute<{ id: string }>(
		sql`insert into c_channel (name, connector) values (${name}, 'memory') returning id::text as id`
	);
	const id = row?.id ?? '';
	await db.execute(sql`
		insert into c_channel_entity (c_channel_id, entity, policy, schedule, push_live, pull_live)
		values (${id}::bigint, 'product', ${JSON.stringify(defaultPolicy)}::text::jsonb, '{"everySeconds":30}', true, true)`);
	return id;
}

/** One of our products, and what a scan saw of the channel's. */
export async function addPair(
	db: TestDatabase['db'],
	channelId: string,
	value: string,
	externalId: string
): Promise<string> {
	const [row] = await db.execute<{ id: string }>(
		sql`insert into m_product (value, name) values (${value}, ${`Name of ${value}`}) returning id::text as id`
	);
	await db.execute(sql`
		insert into c_channel_record (c_channel_id, entity, external_id, fields)
		values (${channelId}::bigint, 'product', ${externalId}, ${JSON.stringify({ value, name: value })}::text::jsonb)`);
	return row?.id ?? '';
}

export type Json = Record<string, unknown> & { items: Record<string, unknown>[] };

/** The JSON of a reply. */
export async function json(reply: Response | Promise<Response>): Promise<Json> {
	return (await (await reply).json()) as Json;
}

/** Sends a request that must fail; returns its problem document, which is complete. */
export async function problemOf(
	world: ApiWorld,
	path: string,
	options: Parameters<ApiWorld['request']>[1] = {}
): Promise<Json> {
	const reply = await world.request(path, options);
	expect(reply.headers.get('content-type')).toBe('application/problem+json');
	const body = await json(reply);
	expect(body['status']).toBe(reply.status);
	for (const part of ['title', 'detail', 'hint', 'kind']) expect(body[part], part).toMatch(/\S/);
	return body;
}
