import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What happens to a request on its way to the ERP, each with its share of all requests. */
export type FaultRates = {
	/** 503; the ERP never hears of it. */
	unavailable: number;
	/** 429 with `Retry-After`, as seconds or as a date by turns; the ERP never hears of it. */
	slowDown: number;
	/** The ERP did it, the connection breaks before the answer. */
	replyDropped: number;
	/** The ERP did it, the connection breaks in the middle of the answer. */
	resetMidBody: number;
	/** It reaches the ERP up to `longestDelayMs` late, also when who sent it is dead by then. */
	delayed: number;
};

export type FaultKind = keyof FaultRates;

export const noFaults: FaultRates = { unavailable: 0, slowDown: 0, replyDropped: 0, resetMidBody: 0, delayed: 0 };
export const someFaults: FaultRates = {
	unavailable: 0.003,
	slowDown: 0.001,
	replyDropped: 0.004,
	resetMidBody: 0.003,
	delayed: 0.01
};

const longestDelayMs = 1000;
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host']);

export type FaultProxy = Awaited<ReturnType<typeof startFaultProxy>>;

/** An HTTP proxy before the ERP at `target` that spoils requests by chance. Starts without faults. */
export async function startFaultProxy(target: string, random: () => number) {
	const erp = new URL(target);
	const agent = new Agent({ keepAlive: true });
	const counts: Record<FaultKind | 'passed', number> = { ...noFaults, passed: 0 };
	let rates = noFaults;
	let waiting: { left: number; resolve: () => void }[] = [];

	const draw = (): FaultKind | null => {
		let chance = random();
		for (const kind of Object.keys(rates) as FaultKind[]) {
			if (chance < rates[kind]) return kind;
			chance -= rates[kind];
		}
		return null;
	};
	const announce = () => {
		for (const one of waiting) if (--one.left <= 0) one.resolve();
		waiting = waiting.filter(({ left }) => left > 0);
	};

	const server = createServer((incoming, reply) => {
		void handle(incoming, reply).catch(() => reply.destroy());
	});
	async function handle(incoming: IncomingMessage, reply: ServerResponse): Promise<void> {
		const body = await bodyOf(incoming);
		announce();
		const fault = draw();
		counts[fault ?? 'passed'] += 1;
		if (fault === 'unavailable') return refuse(reply, 503, {});
		if (fault === 'slowDown') return refuse(reply, 429, { 'retry-after': retryAfter(counts.slowDown) });
		if (fault === 'delayed') await sleep(random() * longestDelayMs);
		const answer = await forward(incoming, body);
		if (fault === 'replyDropped') return void reply.destroy();
		reply.writeHead(answer.status, answer.headers);
		if (fault !== 'resetMidBody') return void reply.end(answer.body);
		reply.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => reply.destroy());
	}
	async function forward(incoming: IncomingMessage, body: Buffer) {
		const outgoing = request({
			agent,
			host: erp.hostname,
			port: erp.port,
			method: incoming.method,
			path: incoming.url,
			headers: { ...endToEnd(incoming.headers), 'content-length': String(body.length) }
		});
		outgoing.end(body);
		const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
		const content = await bodyOf(answer);
		const headers = { ...endToEnd(answer.headers), 'content-length': String(content.length) };
		return { status: answer.statusCode ?? 502, headers, body: content };
	}

	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	return {
		url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
		/** How often each fault happened. */
		counts: counts as Readonly<typeof counts>,
		setRates(next: FaultRates): void {
			rates = next;
		},
		/** Resolves when the nth request from now on arrives, or after `atMostMs`. */
		async nthRequest(n: number, atMostMs: number): Promise<void> {
			const arrived = new Promise<void>((resolve) => waiting.push({ left: n, resolve }));
			await Promise.race([arrived, sleep(atMostMs, undefined, { ref: false })]);
		},
		async stop(): Promise<void> {
			server.close();
			server.closeAllConnections();
			agent.destroy();
			await once(server, 'close');
		}
	};
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of message) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}

function endToEnd(headers: IncomingMessage['headers']): Record<string, string | string[]> {
	const kept = Object.entries(headers).filter(([name, value]) => !hopByHop.has(name) && value !== undefined);
	return Object.fromEntries(kept) as Record<string, string | string[]>;
}

function refuse(reply: ServerResponse, status: number, headers: Record<string, string>): void {
	reply.writeHead(status, { 'content-type': 'application/json', ...headers });
	reply.end('{"message":"not now"}');
}

function retryAfter(turn: number): string {
	return turn % 2 === 0 ? '1' : new Date(Date.now() + 1000).toUTCString();
}
