import { expect, test } from 'vitest';
import { createFaults, type Faults } from './faults.ts';
import { faultKinds, type QueueFault } from './fault-kinds.ts';
import { seededRandom } from './random.ts';
import type { Replica, Simulation } from './replica.ts';
import { createStillness } from './stillness.ts';
import { createTimeline } from './timeline.ts';
import { createTrace } from './trace.ts';
import { createWeakQueue } from './weak-queue.ts';

const none = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<(typeof faultKinds)[number], number>;

/** A queue before processes that only note which jobs they get, and end them after `workMs`. */
function world({
	fault = null,
	takesBack = false,
	processes = 2,
	workMs = 100
}: { fault?: QueueFault | null; takesBack?: boolean; processes?: number; workMs?: number } = {}) {
	const timeline = createTimeline(0);
	const faults: Faults = {
		...createFaults(seededRandom(1), none),
		ofQueue: () => fault,
		takesJobBack: () => takesBack
	};
	const taken: { runId: string; by: string; atMs: number; signal: AbortSignal }[] = [];
	const makeReplica = (_: unknown, index: number) => {
		const replica = { name: `engine-${index}`, dead: false, frozenUntilMs: 0, jobs: 0 } as Replica;
		const performRun = (runId: string, signal: AbortSignal) => {
			taken.push({ runId, by: replica.name, atMs: timeline.nowMs(), signal });
			return new Promise<void>((resolve) => timeline.after(workMs, replica, resolve));
		};
		replica.engine = { performRun } as unknown as Replica['engine'];
		return replica;
	};
	const replicas = Array.from({ length: processes }, makeReplica);
	const simulation = {
		timeline,
		random: seededRandom(3),
		faults,
		trace: createTrace({ full: false }),
		counts: { kills: 0, stalls: 0 },
		stillness: createStillness()
	} as unknown as Simulation;
	const queue = createWeakQueue(simulation, () => replicas);
	const [first] = replicas;
	if (!first) throw new Error('there is no process');
	const port = queue.portOf(first);
	const send = (afterMs = 0, runId = '7') => void port.send({ runId }, { afterMs }).catch(() => undefined);
	return { timeline, replicas, taken, send };
}

test('a job is done once by one process, not before its time', async () => {
	const { timeline, taken, send } = world();
	send(5_000);
	await timeline.run(60_000);
	expect(taken).toHaveLength(1);
	expect(taken[0]?.atMs).toBeGreaterThanOrEqual(5_000);
	expect(taken[0]?.signal.aborted).toBe(false);
});

test('a job may be lost, doubled or late', async () => {
	const lost = world({ fault: 'job-lost' });
	lost.send();
	await lost.timeline.run(60_000);
	expect(lost.taken).toEqual([]);

	const doubled = world({ fault: 'job-doubled' });
	doubled.send();
	await doubled.timeline.run(60_000);
	expect(doubled.taken).toHaveLength(2);

	const late = world({ fault: 'job-late' });
	for (let count = 0; count < 5; count++) late.send();
	await late.timeline.run(60_000);
	expect(Math.max(...late.taken.map(({ atMs }) => atMs))).toBeGreaterThan(1_000);
});

test('jobs overtake each other', async () => {
	const { timeline, taken, send } = world();
	for (let round = 0; round < 10; round++) {
		send(0, 'first');
		send(0, 'second');
		await timeline.run(timeline.nowMs() + 60_000);
	}
	expect(taken).toHaveLength(20);
	const ahead = taken.filter((_, index) => index % 2 === 0).map(({ runId }) => runId);
	expect(new Set(ahead)).toEqual(new Set(['first', 'second']));
});

test('the job of a process that died is given to another; that of a silent one too, which hears of it when it wakes', async () => {
	const dying = world({ workMs: 5_000 });
	dying.send();
	await dying.timeline.run(1_000);
	const [first] = dying.taken;
	const victim = dying.replicas.find(({ name }) => name === first?.by);
	if (!victim) throw new Error('nobody took the job');
	victim.dead = true;
	await dying.timeline.run(60_000);
	expect(dying.taken.map(({ by }) => by)).toEqual([
		victim.name,
		dying.replicas.find(({ name }) => name !== victim.name)?.name
	]);
	expect(first?.signal.aborted, 'nobody is left there to hear it').toBe(false);

	const silent = world({ workMs: 20_000, processes: 2 });
	silent.send();
	await silent.timeline.run(1_000);
	const [before] = silent.taken;
	const stalled = silent.replicas.find(({ name }) => name === before?.by);
	if (!stalled) throw new Error('nobody took the job');
	stalled.frozenUntilMs = 40_000;
	await silent.timeline.run(39_000);
	expect(silent.taken.length).toBeGreaterThan(1);
	expect(before?.signal.aborted).toBe(false);
	await silent.timeline.run(45_000);
	expect(before?.signal.aborted).toBe(true);
});

test('a job may be taken from a process that works on it, so that two have it', async () => {
	const { timeline, taken, send } = world({ takesBack: true, workMs: 11_500 * 2 });
	send();
	await timeline.run(20_000);
	expect(taken.length).toBeGreaterThan(1);
	expect(taken[0]?.signal.aborted).toBe(true);
});
