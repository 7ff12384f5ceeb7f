import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import net from 'node:net';

export type LonelyWeb = {
	url: string;
	/** Where it looks for the engine, and nothing listens. */
	enginePort: number;
	/** Cuts or restores the way to the database. */
	database: { down(): Promise<void>; up(): Promise<void> };
	end(): Promise<void>;
};

/** A web process of its own on the demo's database, without any engine, and behind a wire that can be cut. */
export async function startLonelyWeb(): Promise<LonelyWeb> {
	const databaseUrl = new URL(
		execFileSync(process.execPath, ['src/launch.mjs', 'db-url'], { encoding: 'utf8', env: process.env }).trim()
	);
	const wire = new Wire(databaseUrl.hostname, Number(databaseUrl.port || 5432));
	await wire.up();
	databaseUrl.hostname = '127.0.0.1';
	databaseUrl.port = `${wire.port}`;
	const [port, closedPort] = [await freePort(), await freePort()];
	const url = `http://127.0.0.1:${port}`;
	const child = spawn(process.execPath, ['build/index.js'], {
		env: {
			...process.env,
			DATABASE_URL: databaseUrl.href,
			SECRET_KEY: 'a secret of its own, for this one test',
			ENGINE_URL: `http://127.0.0.1:${closedPort}`,
			ORIGIN: url,
			HOST: '127.0.0.1',
			PORT: `${port}`
		},
		stdio: 'ignore'
	});
	await untilHealthy(url);
	return {
		url,
		enginePort: closedPort,
		database: { down: () => wire.down(), up: () => wire.up() },
		async end() {
			await ended(child);
			await wire.down();
		}
	};
}

/** Passes bytes on to one address; while down it refuses. */
class Wire {
	port = 0;
	readonly #host: string;
	readonly #target: number;
	readonly #sockets = new Set<net.Socket>();
	#server: net.Server | undefined;

	constructor(host: string, target: number) {
		this.#host = host;
		this.#target = target;
	}

	async up(): Promise<void> {
		const server = net.createServer((near) => {
			const far = net.connect(this.#target, this.#host);
			for (const socket of [near, far]) {
				this.#sockets.add(socket);
				socket.on('error', () => socket.destroy());
				socket.on('close', () => {
					this.#sockets.delete(socket);
					near.destroy();
					far.destroy();
				});
			}
			near.pipe(far).pipe(near);
		});
		this.#server = server;
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			server.listen(this.port, '127.0.0.1', resolve);
		});
		const address = server.address();
		if (typeof address === 'object' && address) this.port = address.port;
	}

	async down(): Promise<void> {
		const server = this.#server;
		if (!server) return;
		this.#server = undefined;
		const closed = new Promise<void>((resolve) => server.close(() => resolve()));
		for (const socket of this.#sockets) socket.destroy();
		await closed;
	}
}

async function untilHealthy(url: string): Promise<void> {
	const deadline = Date.now() + 20_000;
	for (;;) {
		const healthy = await fetch(`${url}/healthz`).then(
			(reply) => reply.ok,
			() => false
		);
		if (healthy) return;
		if (Date.now() > deadline) throw new Error(`${url} does not get healthy`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}

async function ended(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null) return;
	const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	child.kill('SIGKILL');
	await gone;
}

function freePort(): Promise<number> {
	const server = net.createServer();
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
		});
	});
}
