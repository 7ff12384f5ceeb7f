import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '#src/db/client.ts';
import { freePort } from '../trytond.ts';
import { startEngineProcess, type EngineProcess } from './engine-process.ts';
import { countIdleWrites } from './idle.ts';
import { watchProducts, type History } from './history.ts';
import { findViolations, type Violation } from './lost-edits.ts';
import { createOperators } from './operators.ts';
import { createPeople } from './people.ts';
import { startProxy, type FaultProxy } from './proxy.ts';
import { diceOf, type Dice } from './random.ts';
import { commitsSoFar, unsettled, untilNothing } from './settle.ts';
import { takeTurns, type InTurn } from './take-turns.ts';
import {
	insertRecords,
	journaledLosers,
	linkedPairs,
	openPeople,
	ourProducts,
	theirProducts,
	type RacedTryton
} from './world.ts';

export type Race = {
	seed: number;
	/** Edits on both sides together. */
	edits: number;
	kills: { engine: number; tryton: number };
	/** Products that both sides have at the start. */
	records: number;
	/** Mean pause between two acts of people. */
	pauseMs: number;
	/** Share of writes and reads that the proxy spoils. */
	faults: { writes: number; reads: number };
	/** Share of the engine's writes into which a person edits the same product. */
	intrusions: number;
	idleCycles: number;
	/** How long what is left over may take to come to rest. */
	settleWithinMs: number;
	progress?: (line: string) => void;
};

export type RaceReport = {
	violations: Violation[];
	figures: Record<string, number>;
};

type Kill = 'engine' | 'tryton';
const recoverWithinMs = 120_000;
/** A kill waits this long for a write to fall into. */
const writeWithinMs = 4000;
const operatorPauseMs = 1500;
/** Between acts while only the recovery from a kill is waited for. */
const slowPauseMs = 1000;
/**
 * Tryton compares a write's tags before it takes SQLite's lock: what another write commits within these milliseconds goes
 * unnoticed, whatever a client does. On SQLite no two writes are therefore in Tryton at the same moment; on PostgreSQL
 * they race there too.
 */
const atOnce: InTurn = (work) => work();

/**
 * Lets people on both sides edit the same products while the engine's process runs its cycles, is killed and started
 * again, Tryton too, and answers get lost; then lets everything come to rest and looks for lost edits and duplicates.
 * `watchTryton` begins to watch Tryton's database.
 */
export async function race(
	options: Race,
	at: { db: Db; databaseUrl: string; tryton: RacedTryton; watchTryton: () => Promise<History> }
): Promise<RaceReport> {
	const startedMs = performance.now();
	const { db, databaseUrl, tryton } = at;
	const dice = diceOf(options.seed);
	const inTurn = tryton.backend === 'sqlite' ? takeTurns() : atOnce;
	const proxy = await startProxy(tryton.url, diceOf(options.seed + 1), inTurn);
	const { made } = await insertRecords(db, { tryton, url: proxy.url, records: options.records });
	const theirs = await at.watchTryton();
	const ours = await watchProducts(db);
	const folk = await openPeople(tryton, databaseUrl);
	const engine = startEngineProcess({ databaseUrl, port: await freePort() });
	const people = createPeople({ db: folk.db, client: folk.client, dice, inTurn });
	const operators = createOperators({ db: folk.db, dice: diceOf(options.seed + 2) });
	try {
		await untilNothing('the records agree', options.settleWithinMs, () => unsettled(db));
		const raced = await racing({ options, db, engine, tryton, proxy, people, operators, dice });
		options.progress?.(`edits are over, waiting for rest`);
		const restingMs = performance.now();
		await untilNothing('everything comes to rest', options.settleWithinMs, async () => {
			await operators.work('all');
			return unsettled(db);
		});
		const settledMs = performance.now() - restingMs;
		await engine.stop();
		const idleWrites = await countIdleWrites(options.idleCycles, { db, tryton, ours, theirs });
		const changes = [...(await ours.changes()), ...(await theirs.changes())];
		const losers = await journaledLosers(db);
		const violations = findViolations({
			changes,
			pairs: await linkedPairs(db),
			current: { internal: await ourProducts(db), external: await theirProducts(tryton.client) },
			losers,
			initial: made.flatMap((fields) => Object.entries(fields).map(([field, value]) => ({ field, value })))
		});
		const by = (who: 'person' | 'engine', side: 'internal' | 'external') =>
			changes.filter((change) => change.by === who && change.side === side).length;
		return {
			violations,
			figures: {
				...{ seed: options.seed, editsOurs: people.edits.internal, editsTheirs: people.edits.external },
				...{ createsOurs: people.creates.internal, createsTheirs: people.creates.external },
				...{ pushedValues: by('engine', 'external'), pulledValues: by('engine', 'internal') },
				...{ resolvedByPeople: operators.done.resolved, turnedByPeople: operators.done.turned, losers: losers.length },
				...raced,
				...Object.fromEntries(Object.entries(proxy.faults).map(([kind, count]) => [`fault ${kind}`, count])),
				...{ idleCycles: options.idleCycles, idleWrites, settleMs: Math.round(settledMs) },
				...{ seconds: Math.round((performance.now() - startedMs) / 1000), violations: violations.length }
			}
		};
	} catch (error) {
		throw new Error(`seed ${options.seed}: ${String(error)}\nthe engine's log ends:\n${engine.output().slice(-4000)}`, {
			cause: error
		});
	} finally {
		await engine.kill().catch(() => undefined);
		await folk.close();
		await theirs.close();
		await proxy.stop();
	}
}

type Racing = {
	options: Race;
	db: Db;
	engine: EngineProcess;
	tryton: RacedTryton;
	proxy: FaultProxy;
	people: ReturnType<typeof createPeople>;
	operators: ReturnType<typeof createOperators>;
	dice: Dice;
};

async function racing(world: Racing): Promise<Record<string, number>> {
	const { options, proxy, people, operators, dice } = world;
	const over = new AbortController();
	const edited = () => people.edits.internal + people.edits.external;
	const intrusions = { before: 0, after: 0 };
	const killing = createKiller(world);
	Object.assign(proxy.rates, options.faults);
	proxy.onWrite = async (moment, { templateId }) => {
		if (templateId !== null && dice.chance(options.intrusions / 2)) {
			// Where Tryton is down the person sees an error, and goes for a coffee.
			await people.intrude(templateId).then(
				() => (intrusions[moment] += 1),
				() => undefined
			);
		}
		await killing.onWrite(moment);
	};
	const inbox = (async () => {
		while (!over.signal.aborted) {
			await operators.work('some');
			await sleep(operatorPauseMs, undefined, { signal: over.signal }).catch(() => undefined);
		}
	})();
	inbox.catch(() => undefined);
	const kills = killsOf(options, dice);
	const every = options.edits / (kills.length + 1);
	const recoveredMs: number[] = [];
	try {
		for (const [index, kill] of [...kills, null].entries()) {
			const until = Math.min(options.edits, Math.ceil(every * (index + 1)));
			let waiting = index > 0;
			while (edited() < until || waiting) {
				await people.act().catch((error: unknown) => {
					// People meet a dead Tryton as well; whether their edit arrived is in its history.
					if (!isOutage(error)) throw error;
				});
				const recovered = waiting ? await killing.recoveredMs() : null;
				if (recovered !== null) {
					recoveredMs.push(recovered);
					waiting = false;
				}
				await sleep(edited() < until ? dice.number() * 2 * options.pauseMs : slowPauseMs);
			}
			options.progress?.(`${edited()} edits, ${index} kills`);
			if (kill) await killing.kill(kill);
		}
	} finally {
		over.abort();
		await inbox;
		proxy.rates = { writes: 0, reads: 0 };
		proxy.onWrite = async () => undefined;
	}
	recoveredMs.sort((one, other) => one - other);
	return {
		...{ killsOfEngine: options.kills.engine, killsOfTryton: options.kills.tryton, killsInWrites: killing.inWrites() },
		...{ intrusionsBefore: intrusions.before, intrusionsAfter: intrusions.after },
		...{ recoveryP50Ms: Math.round(recoveredMs[Math.floor(recoveredMs.length / 2)] ?? 0) },
		...{ recoveryMaxMs: Math.round(recoveredMs.at(-1) ?? 0) }
	};
}

function killsOf({ kills }: Race, dice: Dice): Kill[] {
	const left = [...Array<Kill>(kills.engine).fill('engine'), ...Array<Kill>(kills.tryton).fill('tryton')];
	const order: Kill[] = [];
	while (left.length > 0) order.push(...left.splice(dice.below(left.length), 1));
	return order;
}

/** Kills either process, right in a write where there is one soon. */
function createKiller({ db, engine, tryton, dice }: Racing) {
	let armed: { moment: 'before' | 'after'; fire: () => Promise<void> } | undefined;
	let killedMs = 0;
	let commits = 0;
	let inWrites = 0;
	return {
		inWrites: () => inWrites,
		async onWrite(moment: 'before' | 'after') {
			if (armed?.moment !== moment) return;
			const { fire } = armed;
			armed = undefined;
			inWrites += 1;
			await fire();
		},
		async kill(which: Kill) {
			const dead = Promise.withResolvers<void>();
			dead.promise.catch(() => undefined);
			const fire = async () => {
				killedMs = performance.now();
				if (which === 'engine') {
					await engine.kill();
					commits = await commitsSoFar(db);
					engine.start();
					dead.resolve();
				} else {
					// Not waited for: the write is to be on its way when Tryton dies.
					void sleep(dice.below(60))
						.then(() => tryton.kill())
						.then(async () => {
							commits = await commitsSoFar(db);
							await tryton.restart();
						})
						.then(dead.resolve, dead.reject);
				}
			};
			armed = { moment: which === 'engine' && dice.chance(0.5) ? 'after' : 'before', fire };
			await Promise.race([dead.promise, sleep(writeWithinMs)]);
			if (armed) {
				armed = undefined;
				await fire();
			}
			await dead.promise;
		},
		/** Milliseconds from the kill to the engine's next work on records; null where there was none yet. */
		async recoveredMs(): Promise<number | null> {
			const ms = performance.now() - killedMs;
			if ((await commitsSoFar(db)) > commits) return ms;
			if (ms > recoverWithinMs) throw new Error('the engine did not work again after a kill');
			return null;
		}
	};
}

function isOutage(error: unknown): boolean {
	return error instanceof TypeError || /HTTP 5\d\d/.test(String(error));
}
