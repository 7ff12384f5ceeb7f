import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectorError } from './error.ts';
import { createTransport, retryAfterMs, serverDateOf, type ServerDate, type TransportPorts } from './http.ts';

let server: Server;
let url: string;
let handle: RequestListener;
let requests: number;

beforeEach(async () => {
	requests = 0;
	server = createServer((request, response) => {
		requests += 1;
		handle(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
	server.closeAllConnections();
	server.close();
});

const transport = (ports: Partial<TransportPorts> = {}) =>
	createTransport({ fetch, monotonicNow: () => performance.now(), wallNow: () => Date.now(), ...ports });

async function failure(promise: Promise<unknown>): Promise<ConnectorError> {
	const error: unknown = await promise.then(
		() => expect.unreachable('should have failed'),
		(cause: unknown) => cause
	);
	expect(error).toBeInstanceOf(ConnectorError);
	return error as ConnectorError;
}

describe('one exchange', () => {
	it('sends method, headers and body, and returns every status as it is', async () => {
		handle = (request, response) => {
			let body = '';
			request.on('data', (chunk) => (body += String(chunk)));
			request.on('end', () => {
				response.writeHead(418, { 'X-Seen': `${request.method} ${request.headers['x-key']}` });
				response.end(body);
			});
		};
		const reply = await transport()({ method: 'PATCH', url, headers: { 'x-key': 'k' }, body: '{"ü":"😀"}' });
		expect(reply).toMatchObject({ status: 418, text: '{"ü":"😀"}' });
		expect(reply.headers['x-seen']).toBe('PATCH k');
	});

	it('follows no redirect', async () => {
		handle = (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/elsewhere' }).end();
		expect(await transport()({ method: 'GET', url })).toMatchObject({ status: 302 });
		expect(requests).toBe(1);
	});

	it('unpacks gzip, and stops a bomb at the cap of the unpacked size', async () => {
		const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024, 32));
		handle = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
		expect((await transport()({ method: 'GET', url })).text).toHaveLength(8 * 1024 * 1024);
		const error = await failure(transport()({ method: 'GET', url, maxBytes: 100_000 }));
		expect(error.kind).toBe('invalid-reply');
		expect(error.hint).toContain('100000 bytes');
	});

	it('refuses a good answer that is not UTF-8 instead of inventing characters', async () => {
		handle = (_, response) => response.end(Buffer.from([0x22, 0xfc, 0x22]));
		expect((await failure(transport()({ method: 'GET', url }))).kind).toBe('invalid-reply');
		handle = (_, response) => response.writeHead(500).end(Buffer.from([0xfc]));
		expect((await transport()({ method: 'GET', url })).status).toBe(500);
	});
});

describe('what is not sent', () => {
	it('checks the deadline right before the request', async () => {
		handle = (_, response) => response.end();
		const error = await failure(transport()({ method: 'GET', url, sendBy: performance.now() - 1 }));
		expect(error.kind).toBe('expired');
		await transport()({ method: 'GET', url, sendBy: performance.now() + 5000 });
		expect(requests).toBe(1);
	});

	it('sends nothing for a cancelled call, and calls one in flight unknown', async () => {
		const arrived = Promise.withResolvers<void>();
		handle = () => arrived.resolve();
		expect((await failure(transport()({ method: 'GET', url, signal: AbortSignal.abort() }))).kind).toBe('expired');
		expect(requests).toBe(0);
		const controller = new AbortController();
		const running = failure(transport()({ method: 'GET', url, signal: controller.signal }));
		await arrived.promise;
		controller.abort();
		expect(await running).toMatchObject({ kind: 'unreachable' });
	});
});

describe('no answer', () => {
	it('ends after the total time, also when the body trickles', async () => {
		handle = (_, response) => {
			response.write('[');
			const drip = setInterval(() => response.write(' '), 5);
			response.on('close', () => clearInterval(drip));
		};
		const error = await failure(transport()({ method: 'GET', url, timeoutMs: 60 }));
		expect(error).toMatchObject({ kind: 'unreachable' });
		expect(error.hint).toContain('60 ms');
	});

	it('names the host and never a secret', async () => {
		const secret = url.replace('http://', 'http://user:hunter2@').replace(/:\d+$/, ':9');
		for (const address of [secret, 'http://127.0.0.1:9/x?key=hunter2']) {
			const error = await failure(transport()({ method: 'GET', url: address, headers: { authorization: 'hunter2' } }));
			expect(error.kind).toBe('unreachable');
			expect(error.hint).toContain('127.0.0.1:9');
			expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain('hunter2');
		}
	});

	it('tells a broken connection from a bad address', async () => {
		handle = (request) => request.socket.destroy();
		expect((await failure(transport()({ method: 'GET', url }))).kind).toBe('unreachable');
		expect((await failure(transport()({ method: 'GET', url: 'ftp://x/' }))).kind).toBe('misconfigured');
	});
});

describe('time', () => {
	it.each(['9'.repeat(400), '8640000000000001', '+275760-09-13T00:00:00Z', '0000-01-01T00:00:00Z', 'now', '-1'])(
		'ignores a server time that is none: %.24s',
		(fine) => {
			expect(serverDateOf({ 'x-server-time': fine, date: 'yesterday' }, 'x-server-time')).toBeNull();
		}
	);

	it('reports the server time of each reply, the finer header first', async () => {
		const seen: [string, ServerDate][] = [];
		const times = [1_000_000, 1_000_040];
		const send = transport({
			wallNow: vi.fn(() => times.shift() ?? 0),
			onServerDate: (host, date) => seen.push([host, date])
		});
		handle = (_, response) =>
			response
				.writeHead(200, { date: 'Sat, 28 Nov 2026 15:00:00 GMT', 'x-server-time': '2026-11-28T15:00:00.123Z' })
				.end();
		await send({ method: 'GET', url });
		times.push(1, 2);
		await send({ method: 'GET', url, clockHeader: 'X-Server-Time' });
		const second = Date.parse('2026-11-28T15:00:00Z');
		const host = url.slice(7);
		expect(seen).toEqual([
			[host, { sentAt: 1_000_000, receivedAt: 1_000_040, serverDate: second, resolutionMs: 1000 }],
			[host, { sentAt: 1, receivedAt: 2, serverDate: second + 123, resolutionMs: 1 }]
		]);
	});

	it('reads both forms of Retry-After, a date by the clock of the server', async () => {
		handle = (_, response) =>
			response
				.writeHead(429, { date: 'Sat, 28 Nov 2026 15:00:00 GMT', 'retry-after': 'Sat, 28 Nov 2026 15:00:30 GMT' })
				.end();
		expect(await transport()({ method: 'GET', url })).toMatchObject({ status: 429, retryAfterMs: 30_000 });
		expect(retryAfterMs({ 'retry-after': '7' }, 0)).toBe(7000);
		expect(retryAfterMs({ 'retry-after': 'Thu, 01 Jan 1970 00:00:09 GMT' }, 4000)).toBe(5000);
		expect(retryAfterMs({ 'retry-after': 'Thu, 01 Jan 1970 00:00:09 GMT' }, 60_000)).toBe(0);
		for (const odd of ['soon', '-1', '-271821', '2026-11-28 15:00', 'Fri, 31 Dec +275760 23:59:59 GMT', 'NaN']) {
			expect(retryAfterMs({ 'retry-after': odd }, 0)).toBeNull();
		}
		for (const long of ['9'.repeat(400), '1000000000', 'Fri, 31 Dec 9999 23:59:59 GMT']) {
			expect(retryAfterMs({ 'retry-after': long }, 0)).toBe(86_400_000);
		}
		expect(retryAfterMs({}, 0)).toBeNull();
	});
});
