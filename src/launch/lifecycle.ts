import { LaunchError } from './launch-error.ts';

/** In the order in which they end: a service still needs its channels and its database while it drains. */
const stages = ['services', 'channels', 'database'] as const;

export type Stage = (typeof stages)[number];

/** What has to be ended when the launcher ends, whenever that is. */
export type Lifecycle = {
	/** @throws LaunchError if the end has begun */
	onEnd(stage: Stage, stop: () => Promise<void>): void;
	/** Stops everything, stage by stage. Later calls wait for the first. */
	end(): Promise<void>;
	/** Stops everything and exits with 1. */
	fail(error: unknown): void;
};

/** @param report gets every error that cannot be thrown any more */
export function createLifecycle(report: (error: unknown) => void): Lifecycle {
	const stops: Record<Stage, (() => Promise<void>)[]> = { services: [], channels: [], database: [] };
	let ending: Promise<void> | undefined;

	const endAll = async (): Promise<void> => {
		for (const stage of stages) {
			const results = await Promise.allSettled(stops[stage].map((stop) => stop()));
			for (const result of results) if (result.status === 'rejected') report(result.reason);
		}
	};
	const end = () => (ending ??= endAll());
	const exit = (code: number) => void end().then(() => process.exit(code));

	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => exit(0));
	return {
		onEnd(stage, stop) {
			if (ending) throw new LaunchError('ended before it was ready');
			stops[stage].push(stop);
		},
		end,
		fail(error) {
			if (!ending) report(error);
			exit(1);
		}
	};
}
