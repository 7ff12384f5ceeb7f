import { isFetchCrash } from '#src/engine/fetch-crash.ts';
import { fuzzEngine, type EngineFuzzResult } from './fuzz-engine.ts';
import { fuzzReplies, type FuzzResult } from './fuzz-replies.ts';

export type ChannelRun = { name: string; replies: number; seed: number; worlds: number };
export type ChannelReport = {
	/** Null where a reply broke the contract. */
	connector: FuzzResult | null;
	/** All engines together. */
	engine: EngineFuzzResult;
	/** What was broken, and what nobody caught. */
	wrong: string[];
};

/**
 * Fuzzes one channel: its connector, then engines that work on it, each with a seed of its own. In a process of its own:
 * what nobody catches is part of the result, and the memory is that of this connector alone.
 */
async function runChannel({ name, replies, seed, worlds }: ChannelRun): Promise<ChannelReport> {
	const wrong: string[] = [];
	process.on('unhandledRejection', (reason) => wrong.push(`nobody caught: ${told(reason)}`));
	process.on('uncaughtException', (error) => {
		if (!isFetchCrash(error)) wrong.push(`nobody caught: ${told(error)}`);
	});
	const failed = (what: string) => (error: unknown) => {
		wrong.push(`${name}, ${what}: ${told(error)}`);
		return null;
	};
	const connector = await fuzzReplies(name, { replies, seed, collect: globalThis.gc }).catch(failed('replies'));
	const engine: EngineFuzzResult = { replies: 0, runs: {}, links: {} };
	for (let world = 0; world < worlds; world += 1) {
		const worldSeed = seed * 1_000_000 + world;
		const one = await fuzzEngine(name, worldSeed).catch(failed(`engine ${worldSeed}`));
		engine.replies += one?.replies ?? 0;
		for (const kind of ['runs', 'links'] as const) {
			for (const [key, count] of Object.entries(one?.[kind] ?? {}))
				engine[kind][key] = (engine[kind][key] ?? 0) + count;
		}
	}
	return { connector, engine, wrong };
}

function told(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	return `${String(error.stack)}${error.cause === undefined ? '' : `\ncaused by ${told(error.cause)}`}`;
}

if (import.meta.main) {
	console.log(JSON.stringify(await runChannel(JSON.parse(process.argv[2] ?? '') as ChannelRun)));
	// A hanging call would keep it.
	process.exit(0);
}
