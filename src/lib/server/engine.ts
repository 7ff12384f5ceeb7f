import type { Fields } from '#src/sync/fields.ts';

/** A record that a live search at the channel found. */
export type FoundAtChannel = { externalId: string; variantId: string; fields: Fields; url: string | null; mappingId: string | null };

/** Both sides of a link now, and the decision as it would fall. */
export type LiveMapping = {
	external: { fields: Fields } | null;
	externalProblem: { kind: string; hint: string } | null;
	decision: { reasons?: readonly { field: string; verdict: string; rule: string }[] } | null;
};

export type EngineAnswer<Data> =
	| { ok: true; data: Data }
	| { ok: false; unreachable: boolean; problem: { status: number; title: string; detail: string; hint: string } };

/** What the web asks of the sync engine. No method throws. */
export type WebEngine = {
	probe(channelId: string): Promise<EngineAnswer<{ reached: boolean; message: string; hint: string; tookMs: number }>>;
	startRun(input: { channelId: string; entity: string; mode: 'incremental' | 'full' | 'records'; mappingIds?: string[] }): Promise<EngineAnswer<{ id: string }>>;
	searchRecords(channelId: string, entity: string, text: string): Promise<EngineAnswer<readonly FoundAtChannel[]>>;
	mapping(entity: string, id: string): Promise<EngineAnswer<LiveMapping>>;
	cancelRun(runId: string): Promise<EngineAnswer<unknown>>;
	runEvents(runId: string, lastEventId: string | null): Promise<Response>;
};

const timeoutMs = 5_000;

/** A plain client over fetch. */
export function connectEngine(url: string, sign: () => Promise<string>): WebEngine {
	async function send(method: string, path: string, body?: unknown): Promise<EngineAnswer<never>> {
		try {
			const reply = await fetch(new URL(path, url), {
				method,
				headers: { authorization: `Bearer ${await sign()}`, 'content-type': 'application/json' },
				signal: AbortSignal.timeout(timeoutMs),
				...(body === undefined ? {} : { body: JSON.stringify(body) })
			});
			const data = (await reply.json().catch(() => ({}))) as never;
			return reply.ok ? { ok: true, data } : { ok: false, unreachable: false, problem: data };
		} catch {
			return { ok: false, unreachable: true, problem: { status: 503, title: '', detail: '', hint: '' } };
		}
	}
	return {
		probe: (channelId) => send('POST', `/v1/channels/${channelId}/test`),
		startRun: (input) => send('POST', '/v1/runs', input),
		searchRecords: (channelId, entity, text) => send('GET', `/v1/channels/${channelId}/${entity}/records?search=${encodeURIComponent(text)}`),
		mapping: (entity, id) => send('GET', `/v1/mappings/${entity}/${id}`),
		cancelRun: (runId) => send('POST', `/v1/runs/${runId}/cancel`),
		async runEvents(runId, lastEventId) {
			try {
				return await fetch(new URL(`/v1/runs/${runId}/events`, url), {
					headers: { authorization: `Bearer ${await sign()}`, ...(lastEventId ? { 'last-event-id': lastEventId } : {}) }
				});
			} catch {
				return new Response(null, { status: 503 });
			}
		}
	};
}
