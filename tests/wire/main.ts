import { parseArgs } from 'node:util';
import { isFetchCrash } from '#src/engine/fetch-crash.ts';
import { record, typed } from '../proof/figures.ts';
import { channelNames } from './channels.ts';
import { fuzzEngine } from './fuzz-engine.ts';
import { fuzzReplies } from './fuzz-replies.ts';

const rssMaxMiB = 64;
const repliesAnEngineWorld = 12;

/**
 * npm run fuzz -- --replies N [--seed S] [--channel NAME] [--worlds N] [--record] [--json]
 * N damaged replies for each connector, shared by its channels; `worlds` engines on damaged replies for each channel.
 */
const { values } = parseArgs({
	options: {
		replies: { type: 'string', default: '2000' },
		seed: { type: 'string', default: '1' },
		channel: { type: 'string' },
		worlds: { type: 'string' },
		json: { type: 'boolean', default: false },
		record: { type: 'boolean', default: false }
	}
});
const replies = Number(values.replies);
const seed = Number(values.seed);
const worlds = Number(values.worlds ?? Math.max(1, Math.round(replies / repliesAnEngineWorld / 100)));
if (![replies, seed, worlds].every((count) => Number.isSafeInteger(count) && count >= 0)) {
	console.error('--replies, --seed and --worlds are whole numbers');
	process.exit(1);
}
if (!globalThis.gc) console.error('without --expose-gc the memory is not measured fairly');

const uncaught: unknown[] = [];
process.on('unhandledRejection', (reason) => uncaught.push(reason));
process.on('uncaughtException', (error) => {
	if (!isFetchCrash(error)) uncaught.push(error);
});

let failed = false;
const all = { channels: 0, replies: 0, calls: 0, engineReplies: 0, engines: 0, dearestMs: 0, rssGrowthMiB: 0 };
try {
	for (const name of values.channel === undefined ? channelNames : [values.channel]) {
		const result = await fuzzReplies(name, { replies: share(name), seed, collect: globalThis.gc });
		if (result.rssGrowthMiB > rssMaxMiB) failed = true;
		console.log(values.json ? JSON.stringify(result) : told(result));
		const engine: Awaited<ReturnType<typeof fuzzEngine>> = { replies: 0, runs: {}, links: {} };
		for (let world = 0; world < worlds; world += 1) {
			const one = await fuzzEngine(name, seed * 1_000_000 + world);
			engine.replies += one.replies;
			for (const kind of ['runs', 'links'] as const) {
				for (const [key, count] of Object.entries(one[kind])) engine[kind][key] = (engine[kind][key] ?? 0) + count;
			}
		}
		all.channels += 1;
		all.replies += result.replies;
		all.calls += result.calls;
		all.engineReplies += engine.replies;
		all.engines += worlds;
		all.dearestMs = Math.max(all.dearestMs, Math.round(result.dearestMs));
		all.rssGrowthMiB = Math.max(all.rssGrowthMiB, result.rssGrowthMiB);
		const line = { channel: name, worlds, ...engine };
		console.log(values.json ? JSON.stringify(line) : `  engine: ${JSON.stringify(line)}`);
	}
} catch (error) {
	failed = true;
	console.error(error);
}
for (const error of uncaught) console.error('nobody caught:', error);
const figures = { ...all, wrong: uncaught.length + (failed ? 1 : 0) };
if (values.record) await record('fuzz', { command: typed('fuzz'), figures });
process.exit(failed || uncaught.length > 0 ? 1 : 0);

/** One channel alone gets all. */
function share(name: string): number {
	if (values.channel !== undefined) return replies;
	const [connector = ''] = name.split('-');
	return Math.ceil(replies / channelNames.filter((other) => other.startsWith(connector)).length);
}

function told(result: Awaited<ReturnType<typeof fuzzReplies>>): string {
	const { channel, replies: count, calls, outcomes, dearestMs, rssGrowthMiB, seconds } = result;
	const totals: Record<string, number> = {};
	for (const of of Object.values(outcomes)) {
		for (const [outcome, times] of Object.entries(of)) totals[outcome] = (totals[outcome] ?? 0) + times;
	}
	const sorted = Object.entries(totals).sort((one, other) => other[1] - one[1]);
	return (
		`${channel}: ${count} damaged replies in ${calls} calls, ${seconds.toFixed(1)} s, at most ${Math.round(dearestMs)} ms of the processor a call, ` +
		`memory +${rssGrowthMiB} MiB: ${sorted.map(([outcome, times]) => `${outcome} ${times}`).join(', ')}`
	);
}
