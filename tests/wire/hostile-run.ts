import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectorError } from '#src/engine/connectors/error.ts';
import { createTransport } from '#src/engine/connectors/http.ts';
import type { Transport } from '#src/engine/connectors/transport.ts';
import { isFetchCrash } from '#src/engine/fetch-crash.ts';
import { makeChannel, open, seed, type WireChannel } from './channels.ts';
import { checkError, checkPrototypes, checkResult } from './contract.ts';
import { harmful, harmless, startHostileServer } from './hostile-server.ts';

const timeoutMs = 300;
/** What is readable is read, however busy the machine is. */
const patientMs = 20_000;
/** One of each kind of connector: what lies below HTTP is the same for all its entities. */
const channels = ['rest-erp', 'tryton-product'];
const memoryRounds = 12;
const unreadMs = 200;
const worst = ['a gzip bomb', 'an endless body', 'an endless body of tiny chunks', 'a deflate bomb'];

export type HostileOutcome = { channel: string; behaviour: string; outcome: string; tookMs: number };
export type HostileReport = {
	outcomes: HostileOutcome[];
	/** Exceptions that nobody caught, but for the one that the engine knows. */
	uncaught: string[];
	survived: number;
	rssGrowthMiB: number;
};

type Server = Awaited<ReturnType<typeof startHostileServer>>;

/**
 * Lets every connector list a channel whose server does to it, on real sockets, whatever a server can do; then lets
 * those repeat that would fill the memory. In a process of its own: what nobody catches is part of the result.
 */
async function runHostile(): Promise<HostileReport> {
	const report: HostileReport = { outcomes: [], uncaught: [], survived: 0, rssGrowthMiB: 0 };
	process.on('uncaughtException', (error) => {
		if (isFetchCrash(error)) report.survived += 1;
		else report.uncaught.push(String(error.stack));
	});
	const server = await startHostileServer();
	for (const name of channels) {
		const channel = await makeChannel(name);
		await seed(
			open(
				channel,
				transportOver(server, channel, () => undefined)
			).resource
		);
		for (const behaviour of Object.keys(harmless)) report.outcomes.push(await list(server, name, channel, behaviour));
		// Slow ones wait for their deadline together, few enough at a time that they do not slow down each other.
		const waiting = Object.keys(harmful);
		const lane = async () => {
			for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
				report.outcomes.push(await list(server, name, channel, next));
			}
		};
		await Promise.all([lane(), lane(), lane(), lane()]);
		await channel.stop();
	}
	report.rssGrowthMiB = await memoryGrowth(server);
	await leaveUnread(server);
	await server.stop();
	return report;
}

/** A transport on which the replies meant by `behaviour` come through the hostile server. */
function transportOver(server: Server, channel: WireChannel, behaviour: () => string | undefined): Transport {
	const send = createTransport({
		monotonicNow: () => performance.now(),
		wallNow: () => Date.now(),
		async fetch(input, init) {
			const reply = await channel.fetch(input, init);
			const name = behaviour();
			return name === undefined
				? reply
				: fetch(server.prepare(name, Buffer.from(await reply.arrayBuffer())), { ...init, body: null, method: 'GET' });
		}
	});
	return (request) => {
		const name = behaviour();
		const hostile = name !== undefined && Object.hasOwn(harmful, name);
		return send({ ...request, timeoutMs: hostile ? timeoutMs : patientMs });
	};
}

async function list(server: Server, name: string, channel: WireChannel, behaviour: string): Promise<HostileOutcome> {
	let hostile = false;
	const { session, resource } = open(
		channel,
		transportOver(server, channel, () => (hostile ? behaviour : undefined))
	);
	await session.probe();
	hostile = true;
	const startedMs = performance.now();
	const told = (outcome: string) => ({ channel: name, behaviour, outcome, tookMs: performance.now() - startedMs });
	try {
		const page = await resource.list(null);
		checkResult(resource, 'list', page, {});
		return told(`${page.records.length} records`);
	} catch (error) {
		if (!(error instanceof ConnectorError)) return told(`broken: ${String(error)}`);
		checkError(error, Object.values(channel.credentials));
		return told(error.kind);
	} finally {
		checkPrototypes();
	}
}

/** What happens to any call when the process was busy with something else for too long. */
async function leaveUnread(server: Server): Promise<void> {
	const reply = await fetch(server.prepare('the end while it waits to be read', Buffer.alloc(0)));
	await sleep(unreadMs);
	await reply.body?.cancel().catch(() => undefined);
}

/** How far the memory goes beyond what the first round of the worst took, at any moment of those that follow. */
async function memoryGrowth(server: Server): Promise<number> {
	const channel = await makeChannel('rest-erp');
	let most = 0;
	const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 10);
	const rounds = async (count: number) => {
		most = 0;
		for (let round = 0; round < count; round += 1) {
			await list(server, 'rest-erp', channel, worst[round % worst.length] ?? '');
			globalThis.gc?.();
			most = Math.max(most, process.memoryUsage.rss());
		}
		return most;
	};
	const first = await rounds(worst.length);
	const later = await rounds(memoryRounds);
	clearInterval(watch);
	await channel.stop();
	return Math.round((later - first) / 1024 / 1024);
}

if (import.meta.main) console.log(JSON.stringify(await runHostile()));
