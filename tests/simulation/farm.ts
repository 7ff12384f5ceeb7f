import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Outcome } from './schedule.ts';

export type Played = Omit<Outcome, 'faultCounts'> & { faultCounts: [string, number][] };

export type FarmInput = {
	seeds: Iterable<number>;
	workers?: number;
	/** Remedies that are taken out of the code before it is loaded. */
	without?: readonly string[];
	fullTrace?: boolean;
	/** A PostgreSQL on which each worker makes a database: every schedule, shortened, is played there and in memory. */
	postgresUrl?: string | undefined;
	/** Called for each schedule in no order; answers whether to go on. */
	onPlayed: (played: Played) => boolean | void;
};

/** Plays schedules on every processor. Which process plays a seed makes no difference to it. */
export function playSeeds({
	seeds,
	workers,
	without = [],
	fullTrace = false,
	postgresUrl = '',
	onPlayed
}: FarmInput): Promise<void> {
	return spread<Played>({
		seeds,
		workers,
		start: () => startWorker(without, postgresUrl),
		message: (seed) => ({ seed, fullTrace }),
		onAnswer: onPlayed
	});
}

/** Sends seeds to processes, one message each, as long as `onAnswer` does not say false. */
export async function spread<Answer>({
	seeds,
	workers = availableParallelism(),
	start,
	message,
	onAnswer
}: {
	seeds: Iterable<number>;
	workers?: number | undefined;
	start: () => ChildProcess;
	message: (seed: number) => object;
	onAnswer: (answer: Answer) => boolean | void;
}): Promise<void> {
	const queue = seeds[Symbol.iterator]();
	let stopped = false;
	const lane = () =>
		new Promise<void>((resolve, reject) => {
			const child = start();
			const next = () => {
				const { value: seed, done } = queue.next();
				if (done || stopped) return child.disconnect();
				child.send(message(seed));
			};
			child.on('message', (answer: Answer) => {
				if (!stopped && onAnswer(answer) === false) stopped = true;
				next();
			});
			child.once('error', reject);
			child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
			next();
		});
	await Promise.all(Array.from({ length: workers }, lane));
}

function startWorker(without: readonly string[], postgresUrl: string): ChildProcess {
	const folder = import.meta.dirname;
	const mutated = without.length > 0 ? ['--import', path.join(folder, 'mutate.ts')] : [];
	return fork(path.join(folder, 'worker.ts'), [], {
		execArgv: [...mutated, '--disable-warning=ExperimentalWarning'],
		env: { ...process.env, SIMULATE_WITHOUT: without.join(','), SIMULATE_POSTGRES: postgresUrl }
	});
}
