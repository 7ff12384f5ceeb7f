import type { Connector } from '#src/engine/connectors/connector.ts';
import { memoryConnector } from '#src/engine/connectors/memory/index.ts';
import { createMemoryChannel, type MemoryChannel } from '#src/engine/connectors/memory/create-memory-channel.ts';
import type { Fault, MemoryCall } from '#src/engine/connectors/memory/options.ts';
import { requestTimeoutMs } from '#src/engine/runs/run-context.ts';
import type { ChannelFault } from './fault-kinds.ts';
import type { ChannelPlan } from './plan.ts';
import { afterCall, answer, never, type Replica, type Simulation } from './replica.ts';

/** One channel of the simulation: its data, its plan, and whether it has recovered from being dead. */
export type SimulatedChannel = {
	plan: ChannelPlan;
	memory: MemoryChannel;
	dead: boolean;
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
	return { plan, memory, dead: plan.dead, id: '' };
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
				if (replica.dead) return never;
				const slow = fault === 'timeout-after' || fault === 'lands-late';
				await answer(simulation, replica, slow ? requestTimeoutMs : random.between(2, 60), undefined);
			}
		},
		inside: {
			...inside,
			receive(method, entity, ids) {
				const received = inside.receive(method, entity, ids);
				const kind = faultOf(simulation, channel, method);
				if (kind === null) return received;
				drawn.set(received.call.seq, kind);
				return { ...received, fault: memoryFault(simulation, kind, received.call) };
			}
		}
	};
}

/** What goes wrong with this call; a dead channel answers nothing. */
export function faultOf({ faults }: Simulation, channel: SimulatedChannel, method: string): ChannelFault | null {
	const drawn = faults.ofChannel(method);
	return channel.dead ? 'unavailable' : drawn;
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
