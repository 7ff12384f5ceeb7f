import { expect, test } from 'vitest';
import type { Store } from '#src/store/store.ts';
import { createFaults, type Faults } from './faults.ts';
import { faultKinds, type ProcessFault, type StoreFault } from './fault-kinds.ts';
import { seededRandom } from './random.ts';
import { answer, createReplica, type Replica, type Simulation } from './replica.ts';
import { createStillness } from './stillness.ts';
import { createTimeline } from './timeline.ts';
import { createTrace } from './trace.ts';

const none = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<(typeof faultKinds)[number], number>;

/** One process on a store with one verb, and what is to befall its calls. */
function world(fates: { process?: ProcessFault; store?: StoreFault } = {}) {
	const timeline = createTimeline(0);
	const faults: Faults = {
		...createFaults(seededRandom(1), none),
		ofStore: () => fates.store ?? null,
		ofProcess: (call, when) => (call === 'store.readLink' && fates.process?.endsWith(when) ? fates.process : null)
	};
	let reads = 0;
	const simulation: Simulation = {
		timeline,
		random: seededRandom(2),
		faults,
		trace: createTrace({ full: false }),
		store: { readLink: async () => ((reads += 1), null) } as unknown as Store,
		kill: (replica) => (replica.dead = true),
		counts: { kills: 0, stalls: 0 },
		stillness: createStillness()
	};
	const replica = createReplica(simulation, {
		name: 'one',
		skewMs: 86_400_000,
		connectors: () => [],
		transport: () => () => Promise.reject(new Error('there is no network')),
		queue: () => ({ send: async () => {}, work: async () => {}, stop: async () => {} }),
		log: { info() {}, warn() {}, error() {} }
	});
	return { timeline, simulation, replica, reads: () => reads };
}

/** Asks through the engine, as a person would, and notes how it ends. */
function ask(replica: Replica) {
	const ended: string[] = [];
	replica.engine
		.explain('product', '1')
		.finally(() => ended.push('finally'))
		.then(
			() => ended.push('answered'),
			(error: unknown) => ended.push(String((error as { code?: string }).code))
		);
	return ended;
}

const hourMs = 3_600_000;

test('a call that nothing befalls is answered', async () => {
	const { timeline, replica, reads } = world();
	const ended = ask(replica);
	await timeline.run(hourMs);
	expect(reads()).toBe(1);
	expect(ended).toEqual(['finally', 'answered']);
});

test('a process that is killed while it waits runs nothing any more, no finally either', async () => {
	const { timeline, simulation, replica } = world();
	const ran: string[] = [];
	const work = async () => {
		try {
			await replica.clock.sleep(1_000);
			ran.push('went on');
		} catch {
			ran.push('catch');
		} finally {
			ran.push('finally');
		}
	};
	work().catch(() => undefined);
	timeline.after(500, null, () => simulation.kill(replica));
	await timeline.run(hourMs);
	expect(ran).toEqual([]);
});

test('killed before a call, the call is never made; killed after it, it took effect and is never answered', async () => {
	for (const [fate, made] of [
		['kill-before', 0],
		['kill-after', 1]
	] as const) {
		const { timeline, replica, reads } = world({ process: fate });
		const ended = ask(replica);
		await timeline.run(hourMs);
		expect([fate, reads(), ended]).toEqual([fate, made, []]);
		expect(replica.dead).toBe(true);
	}
});

test('a connection lost before the commit leaves nothing, one lost after it everything; the process cannot tell', async () => {
	for (const [fault, made] of [
		['lost-before-commit', 0],
		['lost-after-commit', 1],
		['deadlock', 1],
		['serialization-failure', 1]
	] as const) {
		const { timeline, replica, reads } = world({ store: fault });
		const ended = ask(replica);
		await timeline.run(hourMs);
		expect([fault, reads()]).toEqual([fault, made]);
		expect(ended).toEqual(['finally', fault.startsWith('lost') ? 'CONNECTION_CLOSED' : 'answered']);
	}
});

test('a stall freezes every continuation of its process and of no other', async () => {
	const { timeline, simulation, replica } = world();
	const other = createReplica(simulation, {
		name: 'two',
		skewMs: 0,
		connectors: () => [],
		transport: () => () => Promise.reject(new Error('there is no network')),
		queue: () => ({ send: async () => {}, work: async () => {}, stop: async () => {} }),
		log: { info() {}, warn() {}, error() {} }
	});
	const seen: string[] = [];
	const note = (name: string) => () => void seen.push(`${name} at ${timeline.nowMs()}`);
	replica.clock.sleep(1_000).then(note('sleep'), () => undefined);
	answer(simulation, replica, 2_000, null).then(note('answer'), () => undefined);
	other.clock.sleep(1_500).then(note('other'), () => undefined);
	timeline.after(10, null, () => void (replica.frozenUntilMs = 60_000));
	await timeline.run(hourMs);
	expect(seen).toEqual(['other at 1500', 'sleep at 60000', 'answer at 60000']);
});

test('a process that stalls before a call makes it late', async () => {
	const { timeline, replica, reads } = world({ process: 'stall-before' });
	const ended = ask(replica);
	await timeline.run(0);
	expect(replica.frozenUntilMs).toBeGreaterThan(0);
	await timeline.run(replica.frozenUntilMs - 1);
	expect(reads()).toBe(0);
	await timeline.run(hourMs);
	expect([reads(), ended]).toEqual([1, ['finally', 'answered']]);
});

test('each process has a wall clock of its own, and they all wait the same time', () => {
	const { timeline, replica } = world();
	expect(replica.clock.nowMs() - timeline.nowMs()).toBe(86_400_000);
	const before = replica.clock.monotonicMs();
	expect(before).toBeGreaterThanOrEqual(0);
});
