import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const projectDirectory = path.resolve(import.meta.dirname, '../..');
const keptOutput = 20_000;
const pollMs = 50;

export type OsProcess = {
	pid: number;
	/** The last of what it wrote. */
	output(): string;
	isRunning(): boolean;
	signal(name: NodeJS.Signals): void;
	/** kill -9, and waits until it is gone. */
	kill(): Promise<void>;
	/** Waits for its end and gives the exit code. */
	ended(): Promise<number | null>;
};

/** Runs a script of the project in a process that ends with this one. Nothing but what is given is in its environment. */
export function startProcess(script: string, environment: Record<string, string>, args: string[] = []): OsProcess {
	const flags = ['--disable-warning=ExperimentalWarning', '--import', './src/launch/end-with-parent.mjs'];
	const child = spawn(process.execPath, [...flags, script, ...args], {
		cwd: projectDirectory,
		env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
		// The guard watches the channel between the two.
		stdio: ['ignore', 'pipe', 'pipe', 'ipc']
	});
	let text = '';
	for (const stream of [child.stdout, child.stderr])
		stream?.on('data', (data: Buffer) => (text = (text + data.toString()).slice(-keptOutput)));
	const exit = once(child, 'exit');
	const isRunning = () => child.exitCode === null && child.signalCode === null;
	return {
		pid: child.pid ?? 0,
		output: () => text,
		isRunning,
		signal: (name) => void child.kill(name),
		async kill() {
			if (!isRunning()) return;
			child.kill('SIGKILL');
			await exit;
		},
		async ended() {
			if (isRunning()) await exit;
			return child.exitCode;
		}
	};
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	return typeof address === 'object' && address ? address.port : 0;
}

/** Waits for a condition. Throws when it does not come in time. */
export async function until<Value>(
	what: string,
	withinMs: number,
	look: () => Promise<Value | false | null | undefined>
): Promise<Value> {
	const deadline = performance.now() + withinMs;
	for (;;) {
		const value = await look();
		if (value) return value;
		if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
		await sleep(pollMs);
	}
}
