import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The key that seals the channel's password. */
export const secretKey = 'racing-edits-secret-key-of-enough-length';

export type EngineProcess = {
	/** kill -9. */
	kill(): Promise<void>;
	/** Starts it again. It works as soon as it can; nobody waits for that. */
	start(): void;
	/** In order, as an administrator would. */
	stop(): Promise<void>;
	/** The end of what it logged. */
	output(): string;
};

const mainFile = fileURLToPath(new URL('../../../src/engine/main.ts', import.meta.url));
const keptCharacters = 20_000;

/** The product's engine as a process of its own, with its scheduler and queue. It ends with this process. */
export function startEngineProcess(options: { databaseUrl: string; port: number }): EngineProcess {
	let child: ChildProcess;
	let text = '';
	const keep = (data: Buffer) => (text = (text + data.toString()).slice(-keptCharacters));
	const end = async (signal: NodeJS.Signals) => {
		if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the engine ended by itself:\n${text}`);
		const exit = once(child, 'exit');
		child.kill(signal);
		await Promise.race([exit, sleep(20_000, undefined, { ref: false })]);
	};
	const engine: EngineProcess = {
		start() {
			child = spawn(process.execPath, [mainFile], {
				env: {
					...process.env,
					DATABASE_URL: options.databaseUrl,
					SECRET_KEY: secretKey,
					HOST: '127.0.0.1',
					ENGINE_PORT: String(options.port),
					LOG_LEVEL: 'warn'
				},
				stdio: ['ignore', 'pipe', 'pipe']
			});
			child.stdout?.on('data', keep);
			child.stderr?.on('data', keep);
		},
		kill: () => end('SIGKILL'),
		stop: () => end('SIGTERM'),
		output: () => text
	};
	process.once('exit', () => child.kill('SIGKILL'));
	engine.start();
	return engine;
}
