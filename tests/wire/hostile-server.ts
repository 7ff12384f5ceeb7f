import { createServer, type AddressInfo, type Socket } from 'node:net';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';

/** What a server may do to a client below HTTP's meaning. `body` is the true reply. */
type Behaviour = (socket: Socket, body: Buffer) => void;

const trickleMs = 5;
const bombBytes = 32 * 1024 * 1024;

const head = (...lines: string[]) =>
	`${['HTTP/1.1 200 OK', 'content-type: application/json', 'connection: close', ...lines].join('\r\n')}\r\n\r\n`;
const sized = (body: Buffer, ...lines: string[]) =>
	Buffer.concat([Buffer.from(head(`content-length: ${body.length}`, ...lines)), body]);
const chunk = (bytes: Buffer | string) => `${Buffer.byteLength(bytes).toString(16)}\r\n${String(bytes)}\r\n`;

/** Writes for as long as the other side takes it. */
function endlessly(socket: Socket, piece: string | Buffer, everyMs = 0): void {
	const write = () => {
		if (socket.destroyed) return;
		if (everyMs > 0) {
			socket.write(piece);
			setTimeout(write, everyMs).unref();
		} else if (socket.write(piece)) setImmediate(write);
		else socket.once('drain', write);
	};
	write();
}

function afterHead(socket: Socket, first: string, piece: string | Buffer, everyMs = 0): void {
	socket.write(first);
	endlessly(socket, piece, everyMs);
}

// A few kilobytes each; made before any clock runs.
const emptiness = Buffer.alloc(bombBytes, 0x20);
const part = gzipSync(emptiness, { level: 9 });
const bombs = {
	// A quarter of a gigabyte in parts: more than is unpacked before the server ends the connection.
	gzip: Buffer.concat(Array.from({ length: 8 }, () => part)),
	deflate: deflateSync(emptiness, { level: 1 }),
	br: brotliCompressSync(emptiness, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })
};

/** By name, so that a failure says what did it. Those of the first list leave the true reply readable. */
export const harmless: Readonly<Record<string, Behaviour>> = {
	'as it is': (socket, body) => socket.end(sized(body)),
	'byte by byte': (socket, body) => {
		socket.write(head('transfer-encoding: chunked'));
		for (const byte of body.toString('latin1')) socket.write(`1\r\n${byte}\r\n`, 'latin1');
		socket.end('0\r\n\r\n');
	},
	'packed twice': (socket, body) => socket.end(sized(gzipSync(gzipSync(body)), 'content-encoding: gzip, gzip')),
	'hostile trailers': (socket, body) => {
		socket.write(head('transfer-encoding: chunked', 'trailer: __proto__'));
		socket.end(`${chunk(body)}0\r\n__proto__: polluted\r\n\r\n`);
	},
	'hostile header names': (socket, body) => socket.end(sized(body, '__proto__: polluted', 'constructor: x'))
};

export const harmful: Readonly<Record<string, Behaviour>> = {
	'closed at once': (socket) => socket.end(),
	'reset at once': (socket) => socket.resetAndDestroy(),
	'half a status line': (socket) => socket.write('HTTP/1.1 2'),
	silence: () => undefined,
	'headers, then silence': (socket) => socket.write(head('content-length: 10')),
	'a header byte at a time': (socket) => afterHead(socket, 'HTTP/1.1 200 OK\r\nx: ', 'x', trickleMs),
	'a body byte at a time': (socket) => afterHead(socket, head(), ' ', trickleMs),
	'cut in the middle': (socket, body) => {
		socket.write(head(`content-length: ${body.length}`));
		socket.end(body.subarray(0, body.length / 2));
	},
	'reset in the middle': (socket, body) => {
		socket.write(head(`content-length: ${body.length}`));
		socket.write(body.subarray(0, body.length / 2), () => socket.resetAndDestroy());
	},
	'an endless body': (socket) => afterHead(socket, head(), Buffer.alloc(65_536, 0x20)),
	'an endless body of tiny chunks': (socket) =>
		afterHead(socket, head('transfer-encoding: chunked'), '1\r\n \r\n'.repeat(5000)),
	'the end while it waits to be read': (socket) => socket.end(sized(Buffer.alloc(65_536, 0x61))),
	'a body longer than said': (socket, body) =>
		socket.end(
			sized(body)
				.toString()
				.replace(/content-length: \d+/, 'content-length: 3')
		),
	'a negative length': (socket, body) => socket.end(head('content-length: -1') + body.toString()),
	'two lengths': (socket, body) => socket.end(head('content-length: 1', 'content-length: 2') + body.toString()),
	'length and chunks': (socket, body) =>
		socket.end(head('content-length: 5', 'transfer-encoding: chunked') + chunk(body)),
	'a chunk of no size': (socket) => socket.end(`${head('transfer-encoding: chunked')}zz\r\n{}\r\n0\r\n\r\n`),
	'a chunk beyond all numbers': (socket) => socket.end(`${head('transfer-encoding: chunked')}ffffffffffffffffff\r\n{}`),
	'a header of a megabyte': (socket, body) => socket.end(sized(body, `x: ${'x'.repeat(1_000_000)}`)),
	'headers without number': (socket) => afterHead(socket, 'HTTP/1.1 200 OK\r\n', 'x: y\r\n'.repeat(1000)),
	'NUL in a header': (socket, body) => socket.end(sized(body, 'x: a\u0000b')),
	'a header without a name': (socket, body) => socket.end(sized(body, ': x')),
	'status 000': (socket) => socket.end('HTTP/1.1 000 \r\n\r\n'),
	'status 999': (socket, body) => socket.end(sized(body).toString().replace('200 OK', '999 No')),
	'continue for ever': (socket) => endlessly(socket, 'HTTP/1.1 100 Continue\r\n\r\n', trickleMs),
	'another protocol': (socket) =>
		socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
	'no HTTP': (socket) => socket.end('SSH-2.0-OpenSSH_9.0\r\n'),
	'HTTP/0.9': (socket, body) => socket.end(body),
	'a gzip bomb': (socket) => socket.end(sized(bombs.gzip, 'content-encoding: gzip')),
	'a deflate bomb': (socket) => socket.end(sized(bombs.deflate, 'content-encoding: deflate')),
	'a brotli bomb': (socket) => socket.end(sized(bombs.br, 'content-encoding: br')),
	'half a gzip': (socket, body) => socket.end(sized(gzipSync(body).subarray(0, 20), 'content-encoding: gzip')),
	'no gzip': (socket, body) => socket.end(sized(body, 'content-encoding: gzip')),
	'a hundred layers of gzip': (socket, body) =>
		socket.end(sized(body, `content-encoding: ${'gzip, '.repeat(100)}gzip`)),
	'UTF-16': (socket, body) => socket.end(sized(Buffer.from(`\ufeff${body.toString()}`, 'utf16le'))),
	'a redirect to itself': (socket) => socket.end('HTTP/1.1 307 Again\r\nlocation: /\r\ncontent-length: 0\r\n\r\n')
};

/** Serves these behaviours on a loopback port, chosen by the path of the request. */
export async function startHostileServer() {
	const prepared = new Map<string, { name: string; body: Buffer }>();
	const sockets = new Set<Socket>();
	const all: Readonly<Record<string, Behaviour>> = { ...harmless, ...harmful };
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		socket.on('error', () => undefined);
		socket.once('data', (bytes) => {
			const [, token = ''] = /^\S+ \/(\d+)/.exec(bytes.toString('latin1')) ?? [];
			const wanted = prepared.get(token);
			if (wanted) all[wanted.name]?.(socket, wanted.body);
		});
	});
	let last = 0;
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		/** An address that answers in this manner, with this body where the manner has one. */
		prepare(name: string, body: Buffer): string {
			const token = String((last += 1));
			prepared.set(token, { name, body });
			return `http://127.0.0.1:${port}/${token}`;
		},
		async stop() {
			for (const socket of sockets) socket.destroy();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		}
	};
}
