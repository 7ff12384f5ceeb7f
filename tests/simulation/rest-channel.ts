import { ConnectorError } from '#src/engine/connectors/error.ts';
import { retryAfterMs } from '#src/engine/connectors/http.ts';
import { createResource } from '#src/engine/connectors/memory/resource.ts';
import type { Exchange } from '#src/engine/connectors/memory/exchange.ts';
import type { Fault, MemoryMethod, MemoryOptions } from '#src/engine/connectors/memory/options.ts';
import type { ExternalRecord, Resource } from '#src/engine/connectors/connector.ts';
import type { RestSettingsInput } from '#src/engine/connectors/rest/settings.ts';
import type { HttpReply, HttpRequest, Transport } from '#src/engine/connectors/transport.ts';
import { requestTimeoutMs } from '#src/engine/runs/run-context.ts';
import type { Fields } from '#src/sync/fields.ts';
import type { SimulatedChannel } from './channel.ts';
import { answerMs, faultOf, holdsBroken } from './channel.ts';
import type { ChannelFault } from './fault-kinds.ts';
import { afterCall, answer, never, type Replica, type Simulation } from './replica.ts';

/** The `rest` connector's settings for a simulated channel. */
export function restSettings({ plan: { name, options } }: SimulatedChannel): RestSettingsInput {
	return {
		baseUrl: `http://${name}.example`,
		auth: { kind: 'none' },
		clockHeader: 'x-server-time',
		entities: Object.fromEntries(
			Object.entries(options.entities ?? {}).map(([entity, fields]) => [
				entity,
				{
					requests: requestsOf(entity, options),
					paging: { kind: 'cursor', next: 'next' },
					...(options.reference !== 'none' && {
						reference: { at: 'ref', searchLagMs: options.referenceLagMs ?? 0 }
					}),
					stamp: {
						at: 'stamp',
						resolution: resolutionOf(options),
						covers: options.stampCovers === 'all' || !options.stampCovers ? 'all' : [...options.stampCovers]
					},
					version: options.precondition === 'none' ? { from: 'none' } : { from: 'field', at: 'version' },
					overlapMs: options.overlapMs ?? 0,
					pageSize: options.pageSize ?? 100,
					fields: fields.map((field) => ({
						name: field.name,
						at: field.name,
						label: field.name,
						as: field.type === 'decimal' ? 'decimal-text' : field.type,
						...(typeof field.rewrite === 'object' && { scale: field.rewrite.round }),
						...(field.rewrite === 'upper' && { letters: 'upper' })
					}))
				} as RestSettingsInput['entities'][string]
			])
		)
	};
}

function requestsOf(entity: string, options: Pick<MemoryOptions, 'hasChanges' | 'reference'>) {
	const path = `/${entity}`;
	return {
		list: { path, query: { limit: '{limit}', after: '{after}' } },
		get: { path: `${path}/{id}` },
		batchGet: { query: { ids: '{ids}' } },
		...(options.hasChanges !== false && { changes: { query: { since: '{since}' } } }),
		search: { query: { search: '{text}' } },
		...(options.reference !== 'none' && { findByReference: { query: { ref: '{references}' } } }),
		create: { path },
		update: { path: `${path}/{id}`, headers: { 'if-match': '{version}' } }
	};
}

function resolutionOf({ stampResolutionMs = 1_000 }: Pick<MemoryOptions, 'stampResolutionMs'>) {
	if (stampResolutionMs < 1) return 'microsecond';
	return stampResolutionMs === 1 ? 'millisecond' : 'second';
}

const losesAnswer: ReadonlySet<ChannelFault> = new Set(['timeout-after', 'lands-late', 'reset-mid-body']);

type Parsed = { method: MemoryMethod; entity: string; ids: readonly string[]; query: URLSearchParams };

/** The transport of one process: HTTP to these channels, over a network that the scheduler runs. */
export function transportOf(
	simulation: Simulation,
	replica: Replica,
	channels: readonly SimulatedChannel[]
): Transport {
	const { timeline, random, trace } = simulation;
	return async (request) => {
		const url = new URL(request.url);
		const channel = channels.find(({ plan }) => `${plan.name}.example` === url.host);
		if (!channel) throw new ConnectorError('misconfigured', { hint: `no channel at ${url.host}` });
		const parsed = parseRequest(request, url);
		if (request.signal?.aborted) throw expired('cancelled');
		if (request.sendBy !== undefined && replica.clock.monotonicMs() > request.sendBy) throw expired('too late');
		channel.memory.inside.receive(parsed.method, parsed.entity, parsed.ids);
		const fault = faultOf(simulation, channel, parsed.method, parsed.entity, parsed.ids);
		trace.note(timeline.nowMs(), `${replica.name} ${channel.plan.name}.${parsed.method}`, [
			parsed.ids,
			fault,
			request.body
		]);
		if (fault === 'timeout-before') {
			await answer(simulation, replica, requestTimeoutMs, undefined);
			throw unreachable();
		}
		await new Promise<void>((resolve) => timeline.after(random.between(2, 60), null, resolve));
		const reply = await serve(simulation, channel, request, parsed, fault);
		afterCall(simulation, replica, parsed.method);
		if (replica.dead) return never();
		await answer(simulation, replica, answerMs(simulation, fault), undefined);
		if (fault && losesAnswer.has(fault)) throw unreachable();
		const after = retryAfterMs(reply.headers, replica.clock.nowMs());
		trace.note(timeline.nowMs(), `${replica.name} ${channel.plan.name}.${parsed.method} answered`, reply);
		return { ...reply, ...(after !== null && { retryAfterMs: after }) };
	};
}

function expired(why: string): ConnectorError {
	return new ConnectorError('expired', { hint: `Not sent: ${why}.` });
}

function unreachable(): ConnectorError {
	return new ConnectorError('unreachable', { hint: 'The channel did not answer in time.' });
}

function parseRequest(request: HttpRequest, url: URL): Parsed {
	const [, entity = '', id = ''] = url.pathname.split('/').map(decodeURIComponent);
	const query = url.searchParams;
	const listed = (name: string) => query.get(name)?.split(',') ?? [];
	if (request.method === 'POST') {
		const { ref } = JSON.parse(request.body ?? '{}') as { ref?: string };
		return { method: 'create', entity, ids: ref === undefined ? [] : [ref], query };
	}
	if (request.method !== 'GET') return { method: 'update', entity, ids: [id], query };
	if (id !== '') return { method: 'read', entity, ids: [id], query };
	if (query.has('ids')) return { method: 'read', entity, ids: listed('ids'), query };
	if (query.has('ref')) return { method: 'find', entity, ids: listed('ref'), query };
	if (query.has('search')) return { method: 'search', entity, ids: [], query };
	return { method: query.has('since') ? 'changes' : 'list', entity, ids: [], query };
}

/** The channel's side of one exchange: what a small JSON API does with it, and the status that says so. */
async function serve(
	simulation: Simulation,
	channel: SimulatedChannel,
	request: HttpRequest,
	parsed: Parsed,
	fault: ChannelFault | null
): Promise<HttpReply> {
	const serverMs = simulation.timeline.nowMs() + (channel.memory.options.skewMs ?? 0);
	const date = new Date(Math.floor(serverMs / 1000) * 1000);
	const headers: Record<string, string> = { date: date.toUTCString(), 'x-server-time': String(Math.floor(serverMs)) };
	const seconds = 1 + simulation.random.int(10);
	if (fault === 'unavailable') return { status: 503, headers, text: 'down for maintenance' };
	if (fault === 'rate-limited-seconds')
		return { status: 429, headers: { ...headers, 'retry-after': String(seconds) }, text: '' };
	if (fault === 'rate-limited-date') {
		const until = new Date(date.getTime() + seconds * 1000).toUTCString();
		return { status: 429, headers: { ...headers, 'retry-after': until }, text: '' };
	}
	if (fault === 'token-expired') return { status: 401, headers, text: '' };
	try {
		const { status, body } = await perform(simulation, channel, request, parsed, fault);
		if (parsed.method === 'read' && holdsBroken(channel, parsed.entity, parsed.ids))
			return { status: 200, headers, text: '<h1>Something went wrong</h1>' };
		const text = JSON.stringify(body);
		return { status, headers, text: fault === 'schema-drift' ? text.replaceAll('"name"', '"title"') : text };
	} catch (error) {
		if (!(error instanceof ConnectorError)) throw error;
		const statuses: Partial<Record<string, number>> = { missing: 404, conflict: 412, rejected: 422, duplicate: 409 };
		return { status: statuses[error.kind] ?? 500, headers, text: JSON.stringify({ message: error.hint }) };
	}
}

async function perform(
	simulation: Simulation,
	channel: SimulatedChannel,
	request: HttpRequest,
	{ method, entity, ids, query }: Parsed,
	fault: ChannelFault | null
): Promise<{ status: number; body: unknown }> {
	const { options } = channel.memory;
	const resource = createResource(channel.memory, entity, directly(dataFault(simulation, fault)));
	const show = (record: ExternalRecord) => jsonOf(record, options);
	const keys = ids.map((id) => ({ id, variantId: '' }));
	switch (method) {
		case 'create': {
			const { ref = '', ...fields } = JSON.parse(request.body ?? '{}') as Record<string, never>;
			const made = await create(resource, ref, fields);
			return { status: 201, body: options.versionInReplies && made.stamp !== null ? show(made) : { id: made.id } };
		}
		case 'update': {
			const fields = JSON.parse(request.body ?? '{}') as Fields;
			const version = request.headers?.['if-match'] ?? null;
			const [key] = keys;
			await resource.update?.({ id: key?.id ?? '', variantId: '', version, fields });
			const written = options.versionInReplies ? await resource.read(keys) : [];
			return { status: 200, body: written[0] ? show(written[0]) : { ok: true } };
		}
		case 'read':
			return readReply(await resource.read(keys), query.has('ids'), show);
		case 'find':
			return { status: 200, body: { items: ((await resource.findByReference?.(ids)) ?? []).map(show), next: null } };
		case 'search':
			return { status: 200, body: { items: (await resource.search(query.get('search') ?? '')).map(show), next: null } };
		default: {
			const after = query.get('after');
			const since = query.get('since');
			const page = since === null ? await resource.list(after) : await resource.changes?.(since, after);
			return { status: 200, body: { items: page?.records.map(show) ?? [], next: page?.next ?? null } };
		}
	}
}

function create(resource: Resource, reference: string, fields: Fields): Promise<ExternalRecord> {
	if (!resource.create) throw new ConnectorError('rejected', { hint: 'nothing can be created here' });
	return resource.create({ reference, fields });
}

function readReply(records: readonly ExternalRecord[], listed: boolean, show: (record: ExternalRecord) => object) {
	if (listed) return { status: 200, body: { items: records.map(show), next: null } };
	if (!records[0]) throw new ConnectorError('missing', { hint: 'There is no such record.' });
	return { status: 200, body: show(records[0]) };
}

function jsonOf(record: ExternalRecord, options: MemoryOptions): object {
	return {
		...record.fields,
		id: record.id,
		stamp: record.stamp,
		...(record.version !== null && { version: record.version }),
		...(options.reference !== 'none' && { ref: record.reference })
	};
}

function directly(fault: Fault | undefined): Exchange {
	return async (_, act) => act(fault);
}

/** The faults that lie in the data rather than in the exchange. */
function dataFault({ random }: Simulation, fault: ChannelFault | null): Fault | undefined {
	switch (fault) {
		case 'lands-late':
			return { kind: 'lands-late', afterMs: random.between(500, requestTimeoutMs - 500) };
		case 'stale-page':
			return { kind: 'stale', agoMs: random.between(100, 2_500) };
		case 'duplicated-page':
			return { kind: 'duplicated' };
		case 'truncated-page':
			return { kind: 'truncated', keep: random.int(3) };
		case 'empty-page':
			return { kind: 'empty' };
		default:
			return undefined;
	}
}
