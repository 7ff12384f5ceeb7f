import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { record, typed } from '../proof/figures.ts';
import type { ChannelReport, ChannelRun } from './channel-run.ts';
import { channelNames } from './channels.ts';
import { heldMaxMiB, rssMaxMiB, type FuzzResult } from './fuzz-replies.ts';

const repliesAnEngineWorld = 12;
const script = path.join(import.meta.dirname, 'channel-run.ts');
/** Where V8 is free to, its young generation grows to 128 MiB, which looks like a leak. */
const fixedHeap = ['--max-semi-space-size=8'];
const reportMaxBytes = 64 * 1024 * 1024;

/**
 * npm run fuzz -- --replies N [--seed S] [--channel NAME] [--worlds N] [--at-once N] [--record] [--json]
 * N damaged replies for each connector, shared by its channels; `worlds` engines on damaged replies for each channel.
 * Each channel has a process of its own, and as many run at once as there are processors.
 */
const { values } = parseArgs({
	options: {
		replies: { type: 'string', default: '2000' },
		seed: { type: 'string', default: '1' },
		channel: { type: 'string' },
		worlds: { type: 'string' },
		'at-once': { type: 'string', default: String(availableParallelism()) },
		json: { type: 'boolean', default: false },
		record: { type: 'boolean', default: false }
	}
});
const replies = Number(values.replies);
const seed = Number(values.seed);
const atOnce = Number(values['at-once']);
const worlds = Number(values.worlds ?? Math.max(1, Math.round(replies / repliesAnEngineWorld / 100)));
if (![replies, seed, worlds, atOnce - 1].every((count) => Number.isSafeInteger(count) && count >= 0)) {
	console.error('--replies, --seed and --worlds are whole numbers, --at-once is at least 1');
	process.exit(1);
}

const all = {
	...{ channels: 0, replies: 0, calls: 0, engineReplies: 0, engines: 0, dearestMs: 0 },
	...{ heldGrowthMiB: 0, rssGrowthMiB: 0, wrong: 0 }
};
const waiting = values.channel === undefined ? [...channelNames] : [values.channel];
await Promise.all(Array.from({ length: atOnce }, worker));
if (values.record) await record('fuzz', { command: typed('fuzz'), figures: all });
process.exit(all.wrong > 0 ? 1 : 0);

async function worker(): Promise<void> {
	for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
		const { connector, engine, wrong } = await run({ name, replies: share(name), seed, worlds });
		if (connector) {
			if (connector.heldGrowthMiB > heldMaxMiB) wrong.push(`${name} holds ever more memory`);
			if (connector.rssGrowthMiB > rssMaxMiB) wrong.push(`${name} takes ever more memory`);
			console.log(values.json ? JSON.stringify(connector) : told(connector));
			all.replies += connector.replies;
			all.calls += connector.calls;
			for (const most of ['dearestMs', 'heldGrowthMiB', 'rssGrowthMiB'] as const) {
				all[most] = Math.max(all[most], most === 'dearestMs' ? Math.round(connector[most]) : connector[most]);
			}
		}
		const line = { channel: name, worlds, ...engine };
		console.log(values.json ? JSON.stringify(line) : `  engine: ${JSON.stringify(line)}`);
		all.channels += 1;
		all.engines += worlds;
		all.engineReplies += engine.replies;
		all.wrong += wrong.length;
		for (const what of wrong) console.error(what);
	}
}

async function run(channel: ChannelRun): Promise<ChannelReport> {
	const args = ['--expose-gc', ...fixedHeap, script, JSON.stringify(channel)];
	try {
		const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: reportMaxBytes });
		return JSON.parse(stdout) as ChannelReport;
	} catch (error) {
		const wrong = [`${channel.name}: its process died: ${String(error)}`];
		return { connector: null, engine: { replies: 0, runs: {}, links: {} }, wrong };
	}
}

/** One channel alone gets all. */
function share(name: string): number {
	if (values.channel !== undefined) return replies;
	const [connector = ''] = name.split('-');
	return Math.ceil(replies / channelNames.filter((other) => other.startsWith(connector)).length);
}

function told(result: FuzzResult): string {
	const { channel, replies: count, calls, outcomes, dearestMs, heldGrowthMiB, rssGrowthMiB, seconds } = result;
	const totals: Record<string, number> = {};
	for (const of of Object.values(outcomes)) {
		for (const [outcome, times] of Object.entries(of)) totals[outcome] = (totals[outcome] ?? 0) + times;
	}
	const sorted = Object.entries(totals).sort((one, other) => other[1] - one[1]);
	return (
		`${channel}: ${count} damaged replies in ${calls} calls, ${seconds.toFixed(1)} s, at most ${Math.round(dearestMs)} ms of the processor a call, ` +
		`memory held +${heldGrowthMiB} MiB, of the process +${rssGrowthMiB} MiB: ${sorted.map(([outcome, times]) => `${outcome} ${times}`).join(', ')}`
	);
}
