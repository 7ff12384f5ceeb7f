import { hc, type ClientResponse } from 'hono/client';
import type { ChannelRecord, ChannelStatus, Probe } from '#src/engine/api/channels.ts';
import type { Connection } from '#src/engine/api/connection.ts';
import type { ConnectorInfo, SettingsCheck } from '#src/engine/api/connectors.ts';
import type { EngineApi } from '#src/engine/api/create-api.ts';
import type { MappingDetail } from '#src/engine/api/mappings.ts';
import type { Problem } from '#src/engine/api/problem.ts';
import type { ChannelResource } from '#src/engine/api/resources.ts';
import type { Run } from '#src/engine/api/runs.ts';

export type {
	ChannelRecord,
	ChannelResource,
	ChannelStatus,
	Connection,
	ConnectorInfo,
	MappingDetail,
	Probe,
	Run,
	SettingsCheck
};
export type { Health } from '#src/engine/api/channel-health.ts';

/** Why the engine did not do it. `status` is 0 where it could not be reached. */
export type EngineProblem = Omit<Problem, 'type'>;

export type EngineAnswer<Data> = { ok: true; data: Data } | { ok: false; unreachable: boolean; problem: EngineProblem };

export type StartRunInput = {
	channelId: string;
	entity: string;
	mode: 'incremental' | 'full' | 'preview' | 'records';
	/** For `records`. */
	mappingIds?: string[];
};

/** The sync engine as the web sees it. No method throws; an engine that is away is a value. */
export type EngineClient = {
	/** Every channel with its health, counts and lag. */
	channels(): Promise<EngineAnswer<ChannelStatus[]>>;
	/** Tries the channel step by step with its credentials. A channel that refuses is an answer, not a problem. */
	probe(channelId: string): Promise<EngineAnswer<Probe>>;
	/** Kinds of systems a channel can be, with the form of their settings. */
	connectors(): Promise<EngineAnswer<ConnectorInfo[]>>;
	/** Settings of what was entered into that form, and what is wrong with them. */
	checkSettings(connector: string, entered: Readonly<Record<string, string>>): Promise<EngineAnswer<SettingsCheck>>;
	/** A channel's settings as texts of the form. */
	enteredSettings(connector: string, channelId: string): Promise<EngineAnswer<Record<string, string>>>;
	/** What a channel can carry, with the fields it has. */
	resources(channelId: string): Promise<EngineAnswer<ChannelResource[]>>;
	/** What a channel is connected to, and what can be relied on there. */
	connection(channelId: string): Promise<EngineAnswer<Connection>>;
	/** Searches the channel live; what it finds can be linked afterwards. */
	searchRecords(channelId: string, entity: string, text: string): Promise<EngineAnswer<ChannelRecord[]>>;
	/** One link, explained: both sides, bases, decision, history. */
	mapping(entity: string, id: string): Promise<EngineAnswer<MappingDetail>>;
	startRun(input: StartRunInput): Promise<EngineAnswer<{ id: string }>>;
	/** Carries out the plan of a preview. */
	applyRun(id: string): Promise<EngineAnswer<{ id: string }>>;
	cancelRun(id: string): Promise<EngineAnswer<Run>>;
	run(id: string): Promise<EngineAnswer<Run>>;
	/** Progress as server-sent events, to be passed through as it is; a 502 problem where the engine is away. */
	runEvents(id: string, lastEventId: string | null, signal?: AbortSignal): Promise<Response>;
};

export type EngineClientOptions = {
	/** Where the engine listens. */
	url: string;
	/** Makes the credential of one call. */
	sign: () => Promise<string>;
	fetch?: typeof fetch;
	/** Longest wait for an answer; 5,000 if not given. */
	timeoutMs?: number;
};

const defaultTimeoutMs = 5000;
/** A test makes several calls to a system that may not answer. */
const testTimeoutMs = 45_000;
const away: EngineProblem = {
	status: 0,
	kind: 'unreachable',
	title: 'The sync engine does not answer',
	detail: 'The sync engine does not answer.',
	hint: 'Nothing is lost: syncing goes on by itself once the engine is back. Check that its process runs.'
};

/** A client for one person or program, by whose rights the engine decides. */
export function createEngineClient({
	url,
	sign,
	fetch: send = fetch,
	timeoutMs = defaultTimeoutMs
}: EngineClientOptions): EngineClient {
	const within =
		(ms: number): typeof fetch =>
		(input, init) =>
			send(input, { ...init, signal: AbortSignal.timeout(ms) });
	const headers = async () => ({ authorization: `Bearer ${await sign()}` });
	const { v1 } = hc<EngineApi>(url, { fetch: within(timeoutMs), headers });
	const patient = hc<EngineApi>(url, { fetch: within(Math.max(timeoutMs, testTimeoutMs)), headers }).v1;

	return {
		channels: () =>
			answer(
				() => v1.channels.$get({ query: {} }),
				200,
				({ items }) => items
			),
		probe: (id) => answer(() => patient.channels[':id'].test.$post({ param: { id } }), 200, same),
		connectors: () =>
			answer(
				() => v1.connectors.$get({ query: {} }),
				200,
				({ items }) => items
			),
		checkSettings: (name, entered) =>
			answer(() => v1.connectors[':name'].check.$post({ param: { name }, json: { entered } }), 200, same),
		enteredSettings: (name, id) =>
			answer(() => v1.connectors[':name'].settings[':id'].$get({ param: { name, id } }), 200, same),
		resources: (id) =>
			answer(
				() => v1.channels[':id'].resources.$get({ param: { id } }),
				200,
				({ items }) => items
			),
		connection: (id) => answer(() => v1.channels[':id'].connection.$get({ param: { id } }), 200, same),
		searchRecords: (id, entity, search) =>
			answer(
				() => v1.channels[':id'][':entity'].records.$get({ param: { id, entity }, query: { search } }),
				200,
				({ items }) => items
			),
		mapping: (entity, id) =>
			answer(() => v1.mappings[':entity'][':id'].$get({ param: { entity, id } }), 200, same) as Promise<
				EngineAnswer<MappingDetail>
			>,
		startRun: (input) => answer(() => v1.runs.$post({ json: input }), 202, same),
		applyRun: (id) => answer(() => v1.runs[':id'].apply.$post({ param: { id }, json: {} }), 202, same),
		cancelRun: (id) => answer(() => v1.runs[':id'].cancel.$post({ param: { id } }), 200, same),
		run: (id) => answer(() => v1.runs[':id'].$get({ param: { id } }), 200, same),
		async runEvents(id, lastEventId, signal) {
			try {
				const response = await send(new URL(`/v1/runs/${encodeURIComponent(id)}/events`, url), {
					headers: { ...(await headers()), ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }) },
					...(signal ? { signal } : {})
				});
				return new Response(response.body, { status: response.status, headers: eventHeaders(response) });
			} catch {
				return Response.json(
					{ ...away, status: 502 },
					{ status: 502, headers: { 'content-type': 'application/problem+json' } }
				);
			}
		}
	};
}

const same = <Data>(data: Data): Data => data;

type BodyAt<Reply, Status extends number> =
	Extract<Reply, { status: Status }> extends ClientResponse<infer Body, Status, 'json'> ? Body : never;

async function answer<Reply extends ClientResponse<unknown>, Status extends number, Data>(
	call: () => Promise<Reply>,
	expected: Status,
	pick: (body: BodyAt<Reply, Status>) => Data
): Promise<EngineAnswer<Data>> {
	try {
		const reply = await call();
		const body: unknown = await reply.json();
		if (reply.status === expected) return { ok: true, data: pick(body as BodyAt<Reply, Status>) };
		return { ok: false, unreachable: false, problem: problemOf(reply.status, body) };
	} catch {
		return { ok: false, unreachable: true, problem: away };
	}
}

/** What the engine said, or that something else answers at its address. */
function problemOf(status: number, body: unknown): EngineProblem {
	if (typeof body === 'object' && body !== null && 'hint' in body && 'kind' in body)
		return { ...(body as EngineProblem), status };
	return {
		status,
		kind: 'not-the-engine',
		title: 'Unexpected answer',
		detail: `The address of the sync engine answered with status ${status}.`,
		hint: 'Check ENGINE_URL: something else may listen there.'
	};
}

function eventHeaders(response: Response): Headers {
	const headers = new Headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
	headers.set('content-type', response.headers.get('content-type') ?? 'text/event-stream');
	return headers;
}
