import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineProcess } from './engine-process.ts';
import type { World } from './world.ts';

export type DisruptionKind = 'engine' | 'both-engines' | 'database' | 'freeze';

/** Of ten disruptions, seven kill an engine, one the database, and one freezes an engine; now and then both engines die. */
const shares: [DisruptionKind, number][] = [
	['freeze', 0.12],
	['database', 0.1],
	['both-engines', 0.05],
	['engine', 1]
];
/** Half of them hit work under way: they wait until so many requests have passed. The others come at any moment. */
const amongRequests = 30;
const requestsWithinMs = 8000;
const anyMomentWithinMs = 2000;
const momentLaterMs = 40;
const longFreezeShare = 0.02;

/** What to do next, by chance. A seed gives the same series on every machine where nothing else draws from `random`. */
export function drawDisruption(random: () => number): DisruptionKind {
	let chance = random();
	for (const [kind, share] of shares) {
		if (chance < share) return kind;
		chance -= share;
	}
	return 'engine';
}

/** Waits for the moment of the next disruption. */
export async function nextMoment({ proxy }: World, random: () => number): Promise<void> {
	if (random() < 0.5) return void (await sleep(random() * anyMomentWithinMs));
	await proxy.nthRequest(1 + Math.floor(random() * amongRequests), requestsWithinMs);
	await sleep(random() * momentLaterMs);
}

/**
 * Does it. Returns when it hit: of a kill, when the processes were killed (they are being started again by then); of a
 * freeze, when the frozen engine goes on.
 */
export async function disrupt(world: World, kind: DisruptionKind, random: () => number): Promise<{ atMs: number }> {
	const one = world.engines[random() < 0.5 ? 0 : 1];
	const atMs = performance.now();
	switch (kind) {
		case 'engine':
			await killEngine(one);
			return { atMs };
		case 'both-engines':
			await Promise.all(world.engines.map(killEngine));
			return { atMs };
		case 'database':
			world.database.kill();
			await world.database.restart();
			return { atMs };
		case 'freeze':
			one.freeze();
			await sleep(1000 * (random() < longFreezeShare ? 5 + random() * 55 : 5 + random() * 3));
			one.thaw();
			return { atMs: performance.now() };
	}
}

async function killEngine(engine: EngineProcess): Promise<void> {
	await engine.kill();
	engine.restart();
}
