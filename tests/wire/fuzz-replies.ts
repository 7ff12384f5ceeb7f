import { setTimeout as sleep } from 'node:timers/promises';
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

export type FuzzResult = {
	channel: string;
	replies: number;
	calls: number;
	/** By method and outcome: `value`, or the kind of the error. */
	outcomes: Record<string, Record<string, number>>;
	/** Processor time of the dearest call, the making of its replies included. */
	dearestMs: number;
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
		...{ replies: 0, calls: 0, outcomes: {}, dearestMs: 0, rssGrowthMiB: 0, seconds: 0 }
	};
	while (result.replies < options.replies) {
		const channel = await makeChannel(name);
		try {
			await fuzzOne(channel, options, result, memory);
		} finally {
			await channel.stop();
		}
	}
	result.rssGrowthMiB = memory.growthMiB();
	result.seconds = (performance.now() - startedMs) / 1000;
	return result;
}

type Memory = ReturnType<typeof measureMemory>;

async function hangs(): Promise<never> {
	await sleep(hangingMs, undefined, { ref: false });
	throw new Error('hangs');
}

async function fuzzOne(
	channel: WireChannel,
	options: { replies: number; seed: number },
	result: FuzzResult,
	memory: Memory
): Promise<void> {
	const known = await seed(open(channel, transportOver(channel.fetch)).resource);
	const secrets = Object.values(channel.credentials);
	for (let life = 0; life < channelLife && result.replies < options.replies; life += 1) {
		const callSeed = (options.seed * 1_000_003 + result.calls) >>> 0;
		const chance = createChance(callSeed);
		const damaging = damagingFetch(channel.fetch, chance);
		const opened = open(channel, transportOver(damaging.fetch));
		const before = process.cpuUsage();
		try {
			const { method, outcome } = await Promise.race([callSomething(opened, known, chance, secrets), hangs()]);
			const counts = (result.outcomes[method] ??= {});
			counts[outcome] = (counts[outcome] ?? 0) + 1;
			await opened.session.close();
			checkPrototypes();
			const used = process.cpuUsage(before);
			const tookMs = (used.user + used.system) / 1000;
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
		memory.sample(result.calls);
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

function measureMemory(collect: (() => void) | undefined) {
	const warmUpCalls = 300;
	const everyCalls = 250;
	let first: number | undefined;
	let most = 0;
	return {
		sample(calls: number): void {
			if (calls < warmUpCalls || calls % everyCalls !== 0) return;
			collect?.();
			const now = process.memoryUsage.rss();
			first ??= now;
			most = Math.max(most, now);
		},
		growthMiB: (): number => Math.round(((most - (first ?? most)) / 1024 / 1024) * 10) / 10
	};
}
