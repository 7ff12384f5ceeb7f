import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from '#src/engine/connectors/http.ts';
import type { Transport } from '#src/engine/connectors/transport.ts';
import { createChance, type Chance } from './chance.ts';
import { makeChannel, open, seed, type WireChannel } from './channels.ts';
import { checkPrototypes } from './contract.ts';
import { callSomething } from './exercise.ts';
import { damageReply, type Reply } from './reply-damage.ts';

const channelLife = 400;
/** Processor time, the damaging included: a machine that is busy with other things takes none of it. */
const dearestCallMs = 3000;
/** What hangs; deadlines are 300 ms. */
const hangingMs = 60_000;
/** Far above what a true reply has here, far below what would take long to make up. */
const maxBytes = 2 * 1024 * 1024;
/** A leak of one KiB a reply is 48 MiB at 50,000 replies. */
export const heldMaxMiB = 32;
export const rssMaxMiB = 64;

export type FuzzResult = {
	channel: string;
	replies: number;
	calls: number;
	/** By method and outcome: `value`, or the kind of the error. */
	outcomes: Record<string, Record<string, number>>;
	/** Processor time of the dearest call, the making of its replies included. */
	dearestMs: number;
	/** Of what objects and buffers hold after a collection: the most since the first calls. */
	heldGrowthMiB: number;
	/** Of what the process takes of the machine: from the first half of the run to the second. */
	rssGrowthMiB: number;
	seconds: number;
};

/**
 * Sends damaged replies to a connector until there were so many, and checks every call. Throws at the first one that
 * breaks the contract, with the seed of that very call. `collect` frees memory before it is measured.
 */
export async function fuzzReplies(
	name: string,
	options: { replies: number; seed: number; collect?: (() => void) | undefined }
): Promise<FuzzResult> {
	const startedMs = performance.now();
	const memory = measureMemory(options.collect);
	const result: FuzzResult = {
		channel: name,
		...{ replies: 0, calls: 0, outcomes: {}, dearestMs: 0, heldGrowthMiB: 0, rssGrowthMiB: 0, seconds: 0 }
	};
	while (result.replies < options.replies) {
		const channel = await makeChannel(name);
		try {
			await fuzzOne(channel, options, result, memory);
		} finally {
			await channel.stop();
		}
	}
	Object.assign(result, memory.growth());
	result.seconds = (performance.now() - startedMs) / 1000;
	return result;
}

type Memory = ReturnType<typeof measureMemory>;

/** What the call comes to; throws where it hangs. Leaves no timer behind: one a call would be mistaken for a leak. */
async function inTime<T>(call: Promise<T>): Promise<T> {
	const done = new AbortController();
	const hangs = sleep(hangingMs, undefined, { ref: false, signal: done.signal }).then(
		() => Promise.reject(new Error('hangs')),
		() => call
	);
	try {
		return await Promise.race([call, hangs]);
	} finally {
		done.abort();
	}
}

async function fuzzOne(
	channel: WireChannel,
	options: { replies: number; seed: number },
	result: FuzzResult,
	memory: Memory
): Promise<void> {
	const known = await seed(open(channel, transportOver(channel.fetch)).resource);
	const secrets = Object.values(channel.credentials);
	let before = process.cpuUsage();
	for (let life = 0; life < channelLife && result.replies < options.replies; life += 1) {
		const callSeed = (options.seed * 1_000_003 + result.calls) >>> 0;
		const chance = createChance(callSeed);
		const damaging = damagingFetch(channel.fetch, chance);
		const opened = open(channel, transportOver(damaging.fetch));
		try {
			const { method, outcome } = await inTime(callSomething(opened, known, chance, secrets));
			const counts = (result.outcomes[method] ??= {});
			counts[outcome] = (counts[outcome] ?? 0) + 1;
			await opened.session.close();
			checkPrototypes();
			// Without sockets nothing would end the turn, and what is freed between two turns would look like a leak.
			await turn();
			// Asked for once a call: it costs as much as a simple one.
			const now = process.cpuUsage();
			const tookMs = (now.user - before.user + now.system - before.system) / 1000;
			before = now;
			result.dearestMs = Math.max(result.dearestMs, tookMs);
			if (tookMs > dearestCallMs) throw new Error(`took ${Math.round(tookMs)} ms of the processor`);
		} catch (cause) {
			const said = damaging
				.last()
				.map(({ status, headers, body }) => ({ status, headers, body: body.toString().slice(0, 1500) }));
			throw new Error(`seed ${options.seed}, call ${result.calls}: ${JSON.stringify(said, null, 1)}`, { cause });
		}
		result.calls += 1;
		result.replies += damaging.count();
		if (memory.sample(result.calls)) before = process.cpuUsage();
	}
}

function transportOver(wire: typeof fetch): Transport {
	const send = createTransport({
		fetch: wire,
		monotonicNow: () => performance.now(),
		wallNow: () => 1_795_878_000_000
	});
	return (request) => send({ ...request, timeoutMs: 300, maxBytes });
}

/** Passes requests on and damages one reply of the next few, sometimes all. */
function damagingFetch(wire: typeof fetch, chance: Chance) {
	const all = chance.is(0.1);
	let skip = chance.is(0.5) ? 0 : chance.below(5);
	let count = 0;
	const damaged: Reply[] = [];
	return {
		count: () => count,
		last: () => damaged,
		async fetch(input: string | URL | Request, init?: RequestInit) {
			const response = await wire(input, init);
			const now = all || skip === 0;
			skip -= 1;
			if (!now) return response;
			count += 1;
			const reply = damageReply(
				{
					status: response.status,
					headers: Object.fromEntries(response.headers),
					body: Buffer.from(await response.arrayBuffer())
				},
				chance
			);
			damaged.push(reply);
			return responseOf(reply);
		}
	};
}

const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

export function responseOf({ status, headers, body }: Reply): Response {
	return new Response(bodiless.has(status) ? null : new Uint8Array(body), { status, headers });
}

type MemoryGrowth = Pick<FuzzResult, 'heldGrowthMiB' | 'rssGrowthMiB'>;

/**
 * Memory in a run, each time after a collection. What objects hold, buffers included, is compared with the first
 * calls: a leak of ours or of a library is in it, pages that V8 or malloc keep for later are not. What the process takes is
 * compared between the two halves of the run, since heap and allocator need some time to get their size: what goes on
 * growing is a leak, of native memory too.
 */
function measureMemory(collect: (() => void) | undefined) {
	const warmUpCalls = 300;
	const everyCalls = 250;
	const held: number[] = [];
	const taken: number[] = [];
	const most = (sizes: readonly number[]) => sizes.reduce((one, other) => Math.max(one, other), 0);
	const inMiB = (bytes: number) => Math.round((Math.max(0, bytes) / 1024 / 1024) * 10) / 10;
	return {
		/** Whether it was time for one: that takes a while. */
		sample(calls: number): boolean {
			if (calls < warmUpCalls || calls % everyCalls !== 0) return false;
			collect?.();
			const { rss, heapUsed, external } = process.memoryUsage();
			held.push(heapUsed + external);
			taken.push(rss);
			return true;
		},
		growth(): MemoryGrowth {
			const half = Math.ceil(taken.length / 2);
			return {
				heldGrowthMiB: inMiB(most(held) - (held[0] ?? 0)),
				rssGrowthMiB: inMiB(most(taken.slice(half)) - most(taken.slice(0, half)))
			};
		}
	};
}
