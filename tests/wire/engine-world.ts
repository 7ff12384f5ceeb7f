import type { Transport } from '#src/engine/connectors/transport.ts';
import { createTransport } from '#src/engine/connectors/http.ts';
import { createEngine } from '#src/engine/create-engine.ts';
import type { Ports } from '#src/engine/ports.ts';
import type { ExternalRecord } from '#src/engine/connectors/connector.ts';
import { createMemoryStore } from '#src/store/memory/create-memory-store.ts';
import { defaultPolicy } from '#src/sync/policy.ts';
import { open, sampleFields, type WireChannel } from './channels.ts';

const person = { actor: { name: 'person' }, via: 'web' } as const;
const started = Date.UTC(2026, 10, 28, 15);

/**
 * The production engine over the memory store and one true channel, with a wire that may be swapped. Time stands still
 * but for `pass`, which moves the engine's, the database's and the channel's clock alike.
 */
export function createEngineWorld(channel: WireChannel, random: () => number, wire: () => typeof fetch) {
	let nowMs = started;
	let lastId = 0;
	const defects: unknown[] = [];
	const database = createMemoryStore({ nowMicros: () => BigInt(Math.round(nowMs * 1000)) });
	const over = (current: () => typeof fetch): Transport => {
		const ports = { monotonicNow: () => nowMs, wallNow: () => nowMs };
		return (request) =>
			createTransport({ ...ports, fetch: (input, init) => current()(input, init) })({ ...request, timeoutMs: 300 });
	};
	const ports: Ports = {
		clock: {
			nowMs: () => (nowMs += 0.01),
			monotonicMs: () => nowMs,
			sleep: (_ms, signal) =>
				new Promise((_resolve, reject) => {
					signal?.addEventListener('abort', () => reject(signal.reason as Error));
				})
		},
		random: { number: random, uuid: () => `00000000-0000-4000-8000-${String((lastId += 1)).padStart(12, '0')}` },
		transport: over(wire),
		connectors: [channel.connector],
		queue: { send: async () => {}, work: async () => {}, stop: async () => {} },
		store: database.store,
		unseal: (sealed) => sealed,
		log: { info: () => {}, warn: () => {}, error: (message, detail) => defects.push({ message, detail }) },
		workerId: 'fuzz'
	};
	const engine = createEngine(ports);
	const { entity } = channel;
	const channelId = database.addChannel({
		name: 'channel',
		connector: channel.connector.name,
		settings: channel.settings as Record<string, unknown>,
		credentials: channel.credentials,
		entities: [
			{
				...{ entity, policy: { ...defaultPolicy, firstContact: 'internal-wins' }, pushLive: true, pullLive: true },
				...{ autoCreateExternal: true, autoCreateInternal: false, allowSecondary: false }
			}
		]
	});
	const { session, resource } = open(
		channel,
		over(() => channel.fetch)
	);
	const records = database.records(entity);
	return {
		/** What the engine itself calls a defect. */
		defects,
		/** The channel itself, over an undisturbed wire. */
		resource,
		records,
		links: () => [...database.tables.of(entity).links.all()],
		intents: () => [...database.tables.intents.all()],
		async pass(ms: number) {
			nowMs += ms;
			await channel.pass(ms);
		},
		addInternal: (code: string) => records.insert(sampleFields(code)),
		async link(internalId: string, external: ExternalRecord) {
			const { id: externalId, variantId } = external;
			const linked = await database.people.linkRecords({
				...person,
				channelId,
				entity,
				internalId,
				externalId,
				variantId
			});
			if (!linked.ok) throw new Error(`cannot link: ${JSON.stringify(linked)}`);
		},
		/** Everything the channel holds, read over an undisturbed wire. */
		async external(): Promise<readonly ExternalRecord[]> {
			const found: ExternalRecord[] = [];
			for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
				const page = await resource.list(cursor);
				found.push(...page.records);
				cursor = page.next;
			}
			return found;
		},
		/** Performs one run to its end and tells how it ended. */
		async run(mode: 'incremental' | 'full') {
			const { runId } = await engine.requestRun({ channelId, entity, mode, startedBy: 'fuzz' });
			await engine.performRun(runId, new AbortController().signal);
			const row = database.tables.runs.get(runId);
			if (!row) throw new Error('the run is gone');
			return { state: row.state, problem: row.problem };
		},
		close: () => session.close()
	};
}

export type EngineWorld = ReturnType<typeof createEngineWorld>;
