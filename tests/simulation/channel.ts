import type { Connector } from '#src/engine/connectors/connector.ts';
import { memoryConnector } from '#src/engine/connectors/memory/index.ts';
import { createMemoryChannel, type MemoryChannel } from '#src/engine/connectors/memory/create-memory-channel.ts';
import type { Fault, MemoryCall } from '#src/engine/connectors/memory/options.ts';
import { requestTimeoutMs } from '#src/engine/runs/run-context.ts';
import type { ChannelFault } from './fault-kinds.ts';
import type { ChannelPlan, Outage } from './plan.ts';
import { afterCall, answer, never, type Replica, type Simulation } from './replica.ts';

/** One channel of the simulation: its data, its plan, and what ails it. */
export type SimulatedChannel = {
	plan: ChannelPlan;
	memory: MemoryChannel;
	dead: Outage | null;
	/** `entity id` of records whose reading fails, and takes every other record of the same answer with it. */
	broken: Set<string>;
	/** `entity id` of records that an answer left out, with the time: it does not happen to one twice in a row. */
	leftOut: Map<string, number>;
	/** Its id in the database. */
	id: string;
};

export function createChannel(
	simulation: Pick<Simulation, 'timeline'>,
	plan: ChannelPlan,
	skewMs: number
): SimulatedChannel {
	const { timeline } = simulation;
	const clock = { nowMs: timeline.nowMs, monotonicMs: timeline.nowMs };
	const memory = createMemoryChannel({ ...plan.options, clock, skewMs, refuses: refusePoison });
	return { plan, memory, dead: plan.dead, broken: new Set(), leftOut: new Map(), id: '' };
}

/** A word that every channel refuses: what people enter with it can never be sent. */
export const poison = 'poison';

function refusePoison(fields: Readonly<Record<string, unknown>>): string | null {
	return Object.values(fields).some((value) => typeof value === 'string' && value.toLowerCase().includes(poison))
		? 'this word is not allowed'
		: null;
}

/** The memory connector as one process reaches these channels, over a network that the scheduler runs. */
export function connectorOf(
	simulation: Simulation,
	replica: Replica,
	channels: readonly SimulatedChannel[]
): Connector {
	const seen = channels.map((channel) => [channel.plan.name, reachedBy(simulation, replica, channel)] as const);
	return memoryConnector(Object.fromEntries(seen));
}

function reachedBy(simulation: Simulation, replica: Replica, channel: SimulatedChannel): MemoryChannel {
	const { timeline, random, trace } = simulation;
	const drawn = new Map<number, ChannelFault>();
	const { inside, options } = channel.memory;
	const on = (ms: number) => new Promise<void>((resolve) => timeline.after(ms, null, resolve));
	return {
		...channel.memory,
		options: {
			...options,
			clock: { nowMs: timeline.nowMs, monotonicMs: replica.clock.monotonicMs },
			async pause(at, call) {
				const fault = drawn.get(call.seq);
				trace.note(timeline.nowMs(), `${replica.name} ${channel.plan.name}.${call.method} ${at}`, [call.ids, fault]);
				if (at === 'before') {
					if (fault === 'timeout-before') return answer(simulation, replica, requestTimeoutMs, undefined);
					// On its way the request no longer depends on the process that sent it.
					await on(random.between(2, 60));
					if (fault && failsAtOnce.has(fault)) await answer(simulation, replica, random.between(2, 60), undefined);
					return;
				}
				afterCall(simulation, replica, call.method);
				if (replica.dead) return never();
				await answer(simulation, replica, answerMs(simulation, fault), undefined);
			}
		},
		inside: {
			...inside,
			receive(method, entity, ids) {
				const received = inside.receive(method, entity, ids);
				const kind = faultOf(simulation, channel, method, entity, ids);
				if (kind === null) return received;
				drawn.set(received.call.seq, kind);
				return { ...received, fault: memoryFault(simulation, kind, received.call) };
			}
		}
	};
}

/** What goes wrong with this call, apart from what is drawn: a dead channel answers nothing, a broken record breaks its answer. */
export function faultOf(
	{ faults, timeline }: Simulation,
	channel: SimulatedChannel,
	method: string,
	entity: string,
	ids: readonly string[]
): ChannelFault | null {
	const drawn = faults.ofChannel(method);
	if (channel.dead === 'silent') return 'unavailable';
	if (channel.dead === 'read-only' && changes.has(method))
		return channel.plan.wire === 'rest' ? 'token-expired' : 'unavailable';
	if (method !== 'read') return drawn;
	const keys = ids.map((id) => `${entity} ${id}`);
	if (drawn === null && holdsBroken(channel, entity, ids)) return 'schema-drift';
	if (drawn !== 'truncated-page') return drawn;
	const nowMs = timeline.nowMs();
	if (keys.some((key) => nowMs - (channel.leftOut.get(key) ?? -Infinity) < leftOutAgainMs)) return null;
	for (const key of keys) channel.leftOut.set(key, nowMs);
	return drawn;
}

/** Whether one of these records breaks every answer that shows it. */
export function holdsBroken({ broken, memory }: SimulatedChannel, entity: string, ids: readonly string[]): boolean {
	return broken.size > 0 && ids.some((id) => broken.has(`${entity} ${id}`) && memory.record(entity, id) !== undefined);
}

const changes: ReadonlySet<string> = new Set(['create', 'update', 'probe']);

/** Two answers in a row that leave out the same record cannot be told from its end. */
const leftOutAgainMs = 60_000;

/** How long the channel's answer takes; a write that lands late may be given up at once by something in between. */
export function answerMs({ random }: Simulation, fault: ChannelFault | null | undefined): number {
	const slow = fault === 'timeout-after' || (fault === 'lands-late' && random.chance(0.5));
	return slow ? requestTimeoutMs : random.between(2, 60);
}

const failsAtOnce: ReadonlySet<ChannelFault> = new Set([
	'unavailable',
	'rate-limited-seconds',
	'rate-limited-date',
	'token-expired',
	'schema-drift'
]);

function memoryFault({ random }: Simulation, kind: ChannelFault, { method }: MemoryCall): Fault {
	switch (kind) {
		case 'unavailable':
		case 'timeout-before':
			return { kind: 'fails', as: 'unreachable' };
		case 'rate-limited-seconds':
		case 'rate-limited-date':
			return { kind: 'fails', as: 'rate-limited', retryAfterMs: 1_000 * (1 + random.int(10)) };
		case 'token-expired':
			return { kind: 'fails', as: 'unauthorized' };
		case 'schema-drift':
			return method === 'create' ? { kind: 'reply-lost' } : { kind: 'fails', as: 'invalid-reply' };
		case 'timeout-after':
		case 'reset-mid-body':
			return { kind: 'reply-lost' };
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
	}
}
