import type { Connector, Resource, Session } from '#src/engine/connectors/connector.ts';
import { createEngine } from '#src/engine/create-engine.ts';
import type { Engine } from '#src/engine/engine.ts';
import type { Clock, Ports } from '#src/engine/ports.ts';
import type { Queue } from '#src/engine/queue/queue.ts';
import type { Store } from '#src/store/store.ts';
import type { Faults } from './faults.ts';
import type { SeededRandom } from './random.ts';
import type { Stillness } from './stillness.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';

/** What schedules ask of an engine. */
export type SimulatedEngine = Pick<Engine, 'requestRun' | 'performRun' | 'searchRecords' | 'explain'> &
	Partial<Pick<Engine, 'acceptWebhook'>>;

/** Puts an engine together; `reach` makes of a database's verbs those verbs over a connection that may break. */
export type EngineOf = (
	ports: Omit<Ports, 'store'>,
	reach: <Verbs extends object>(verbs: Verbs) => Verbs
) => SimulatedEngine;

/** One engine process of the simulation. */
export type Replica = {
	name: string;
	dead: boolean;
	frozenUntilMs: number;
	engine: SimulatedEngine;
	clock: Clock;
	/** Jobs in work. */
	jobs: number;
};

export type Simulation = {
	timeline: Timeline;
	random: SeededRandom;
	faults: Faults;
	trace: Trace;
	store: Store;
	/** The replica dies: nothing it waits for is ever answered, no `finally` of it runs. */
	kill(replica: Replica): void;
	counts: { kills: number; stalls: number };
	stillness: Stillness;
};

/** A step that a dead process would have taken. One promise for all would hold every schedule in memory that awaited it. */
export const never = () => new Promise<never>(() => {});

/** Makes one engine process, unless told otherwise the production engine, on ports that all go through the scheduler. */
export function createReplica(
	simulation: Simulation,
	at: {
		name: string;
		skewMs: number;
		connectors: (replica: Replica) => Connector[];
		transport: (replica: Replica) => Ports['transport'];
		queue: (replica: Replica) => Queue;
		log: Ports['log'];
		engine?: EngineOf | undefined;
	}
): Replica {
	const { timeline, random } = simulation;
	const bootMs = timeline.nowMs() - random.int(1_000_000);
	const replica = { name: at.name, dead: false, frozenUntilMs: 0, jobs: 0 } as Replica;
	const own = random.fork();
	replica.clock = {
		nowMs: () => timeline.nowMs() + at.skewMs,
		monotonicMs: () => timeline.nowMs() - bootMs,
		sleep: (ms, signal) => sleep(simulation, replica, ms, signal)
	};
	const ports = {
		clock: replica.clock,
		random: { number: own.number, uuid: own.uuid },
		transport: at.transport(replica),
		connectors: at.connectors(replica).map((connector) => interrupted(simulation, replica, connector)),
		queue: at.queue(replica),
		unseal: (sealed: string) => sealed,
		log: at.log,
		workerId: at.name
	};
	const product: EngineOf = (given, reach) => createEngine({ ...given, store: reach(simulation.store) });
	replica.engine = (at.engine ?? product)(ports, (verbs) => reached(simulation, replica, verbs));
	return replica;
}

/** What may befall a process right before it makes a call; resolves when, if ever, the call leaves. */
export function beforeCall(simulation: Simulation, replica: Replica, call: string) {
	const { faults, timeline, kill } = simulation;
	const fate = faults.ofProcess(call, 'before');
	if (fate === null) return null;
	if (fate === 'kill-before') {
		kill(replica);
		return never();
	}
	standStill(simulation, replica);
	return new Promise<void>((resolve) => timeline.after(0, replica, resolve));
}

/** What may befall a process once its call took effect and before it hears of it. */
export function afterCall(simulation: Simulation, replica: Replica, call: string): void {
	const { faults, kill } = simulation;
	if (replica.dead) return;
	const fate = faults.ofProcess(call, 'after');
	if (fate === 'kill-after') kill(replica);
	if (fate === 'stall-after') standStill(simulation, replica);
}

function standStill({ timeline, random, counts, stillness }: Simulation, replica: Replica): void {
	counts.stalls += 1;
	replica.frozenUntilMs = timeline.nowMs() + stallMs(random);
	stillness.add(timeline.nowMs(), replica.frozenUntilMs);
}

/** Up to a minute, most of them within the leases. */
function stallMs(random: SeededRandom): number {
	return random.chance(0.3) ? random.between(0, 60_000) : random.between(0, 20_000);
}

/** The answer of a call that took effect just now, on its way back to the process. */
export function answer<T>({ timeline }: Simulation, replica: Replica, delayMs: number, value: T): Promise<T> {
	return new Promise((resolve) => timeline.after(delayMs, replica, () => resolve(value)));
}

function sleep(simulation: Simulation, replica: Replica, ms: number, signal?: AbortSignal): Promise<void> {
	const { timeline } = simulation;
	return new Promise((resolve, reject) => {
		if (signal?.aborted) return reject(signal.reason as Error);
		const stop = () => reject(signal?.reason as Error);
		signal?.addEventListener('abort', stop, { once: true });
		timeline.after(ms, replica, () => {
			signal?.removeEventListener('abort', stop);
			afterCall(simulation, replica, 'clock.sleep');
			if (!replica.dead) resolve();
		});
	});
}

/** The database's verbs as this process reaches them: over a connection that may break before or after the commit. */
function reached<Verbs extends object>(simulation: Simulation, replica: Replica, verbs: Verbs): Verbs {
	const guarded = Object.entries(verbs).map(([name, verb]) => [
		name,
		(input: never) => transact(simulation, replica, name, verb as (input: never) => Promise<unknown>, input)
	]);
	return Object.fromEntries(guarded) as Verbs;
}

async function transact(
	simulation: Simulation,
	replica: Replica,
	name: string,
	verb: (input: never) => Promise<unknown>,
	input: never
): Promise<unknown> {
	const { timeline, random, faults, trace } = simulation;
	const call = `store.${name}`;
	const held = beforeCall(simulation, replica, call);
	if (held) await held;
	const fault = faults.ofStore(name);
	return new Promise((resolve, reject) => {
		const reply = (settle: () => void) => {
			afterCall(simulation, replica, call);
			timeline.after(random.between(0.2, 3), replica, settle);
		};
		const attempt = async () => {
			if (fault === 'lost-before-commit') return reply(() => reject(databaseError('CONNECTION_CLOSED')));
			// The whole transaction runs again after the other one, as `retrying` has it; nothing of the first try stays.
			try {
				const result = await verb(input);
				trace.note(timeline.nowMs(), `${replica.name} ${call}`, [input, result]);
				if (fault === 'lost-after-commit') return reply(() => reject(databaseError('CONNECTION_CLOSED')));
				reply(() => resolve(result));
			} catch (error) {
				trace.note(timeline.nowMs(), `${replica.name} ${call} failed`, [input, error]);
				reply(() => reject(error as Error));
			}
		};
		const again = fault === 'serialization-failure' || fault === 'deadlock' ? random.between(5, 1_500) : 0;
		timeline.after(random.between(0.2, 3) + again, null, attempt);
	});
}

function databaseError(code: string): Error {
	return Object.assign(new Error(`the connection was lost (${code})`), { code });
}

/** The connector as this process reaches it: it may die or stand still before each call. */
function interrupted(simulation: Simulation, replica: Replica, connector: Connector): Connector {
	const guard =
		<Input extends unknown[], Output>(method: string, call: (...input: Input) => Promise<Output>) =>
		async (...input: Input): Promise<Output> => {
			const held = beforeCall(simulation, replica, method);
			if (held) await held;
			return call(...input);
		};
	const resourceOf = (resource: Resource): Resource => ({
		...resource,
		list: guard('list', resource.list),
		read: guard('read', resource.read),
		search: guard('search', resource.search),
		...(resource.changes && { changes: guard('changes', resource.changes) }),
		...(resource.findByReference && { findByReference: guard('find', resource.findByReference) }),
		...(resource.create && { create: guard('create', resource.create) }),
		...(resource.update && { update: guard('update', resource.update) })
	});
	return {
		...connector,
		open(input): Session {
			const session = connector.open(input);
			return {
				...session,
				resource(entity) {
					const resource = session.resource(entity);
					return resource && resourceOf(resource);
				},
				probe: guard('probe', session.probe)
			};
		}
	};
}
