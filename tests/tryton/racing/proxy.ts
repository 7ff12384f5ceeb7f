import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from './random.ts';
import type { InTurn } from './take-turns.ts';

/**
 * What the proxy does to a call. drop-request: it never arrives. drop-reply: it has its effect, and no answer comes.
 * cut-reply: the connection breaks in the middle of the answer. late: the connection breaks at once, and the call
 * arrives seconds later. unavailable: 503.
 */
export type Fault = 'drop-request' | 'drop-reply' | 'cut-reply' | 'late' | 'unavailable';

/** The template that a call writes to; null for a create. */
export type Write = { templateId: number | null };

export type FaultProxy = {
	url: string;
	/** How many calls of each fault there were. */
	faults: Record<Fault, number>;
	/** Share of writes and of reads that get a fault. */
	rates: { writes: number; reads: number };
	/** Called while a write waits at the proxy, and again when it had its effect but nobody was answered yet. */
	onWrite: (moment: 'before' | 'after', write: Write) => Promise<void>;
	stop(): Promise<void>;
};

const longestLatenessMs = 6000;
const kinds: readonly Fault[] = ['drop-reply', 'drop-reply', 'drop-request', 'cut-reply', 'late', 'unavailable'];

/** Stands between the engine and Tryton on a loopback port, and passes calls on unchanged but for the faults. Writes go on `inTurn`. */
export async function startProxy(target: string, dice: Dice, inTurn: InTurn): Promise<FaultProxy> {
	const faults: Record<Fault, number> = {
		'drop-request': 0,
		'drop-reply': 0,
		'cut-reply': 0,
		late: 0,
		unavailable: 0
	};
	const underWay = new Set<Promise<unknown>>();
	const server = createServer((request, response) => {
		const work = handle(request, response).catch(() => response.destroy());
		underWay.add(work);
		void work.finally(() => underWay.delete(work));
	});

	async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = await bodyOf(request);
		const write = writeOf(body);
		const fault = dice.chance(write ? proxy.rates.writes : proxy.rates.reads) ? dice.pick(kinds) : null;
		if (fault) faults[fault] += 1;
		if (fault === 'drop-request') return void response.destroy();
		if (fault === 'unavailable') return void response.writeHead(503).end();
		if (fault === 'late') {
			response.destroy();
			await sleep(dice.below(longestLatenessMs));
		}
		if (write) await proxy.onWrite('before', write);
		const reply = await (write ? inTurn(() => pass(target, request, body)) : pass(target, request, body));
		if (write) await proxy.onWrite('after', write);
		if (fault === 'drop-reply') response.destroy();
		if (response.destroyed) return;
		response.writeHead(reply.status, reply.headers);
		if (fault !== 'cut-reply') return void response.end(reply.body);
		response.write(reply.body.subarray(0, reply.body.length / 2), () => response.destroy());
	}

	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	const port = typeof address === 'object' && address ? address.port : 0;
	const proxy: FaultProxy = {
		url: `http://127.0.0.1:${port}`,
		faults,
		rates: { writes: 0, reads: 0 },
		onWrite: async () => undefined,
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			await Promise.all(underWay);
		}
	};
	return proxy;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}

/** The write that a call asks for; null for a call that only reads. */
function writeOf(body: Buffer): Write | null {
	const { method, params } = JSON.parse(body.toString()) as { method: string; params: unknown[] };
	if (method === 'model.product.template.create') return { templateId: null };
	if (method !== 'model.product.template.write') return null;
	const [id] = params[0] as number[];
	return { templateId: id ?? null };
}

async function pass(target: string, { method, url, headers }: IncomingMessage, body: Buffer) {
	const kept = ['content-type', 'accept', 'authorization'].flatMap((name) => {
		const value = headers[name];
		return typeof value === 'string' ? [[name, value] as const] : [];
	});
	const reply = await fetch(new URL(url ?? '/', target), {
		method: method ?? 'POST',
		headers: Object.fromEntries(kept),
		body: new Uint8Array(body)
	});
	const names = ['content-type', 'date', 'retry-after'];
	const answered = names.flatMap((name) => {
		const value = reply.headers.get(name);
		return value === null ? [] : [[name, value] as const];
	});
	return {
		status: reply.status,
		headers: Object.fromEntries(answered),
		body: Buffer.from(await reply.arrayBuffer())
	};
}
