import { freePort, startProcess, until, type OsProcess } from './os-process.ts';

export const secretKey = 'kill-tests-secret-key-of-enough-length';
const listensWithinMs = 120_000;

export type EngineProcess = {
	/** Base URL of its API. */
	url: string;
	/** kill -9. */
	kill(): Promise<void>;
	/** Starts it again; resolves when the process is there, before it works. */
	restart(): void;
	freeze(): void;
	thaw(): void;
	/** Resolves when its API answers. */
	listens(): Promise<void>;
	/** The last of its log. */
	output(): string;
	/** Ends it in order; the exit code. */
	stop(): Promise<number | null>;
};

/** One replica of the engine, as `npm start` runs it. */
export async function startEngine(databaseUrl: string): Promise<EngineProcess> {
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	const start = (): OsProcess =>
		startProcess('src/engine/main.ts', {
			DATABASE_URL: databaseUrl,
			SECRET_KEY: secretKey,
			HOST: '127.0.0.1',
			ENGINE_PORT: String(port),
			LOG_LEVEL: 'warn'
		});
	let process = start();
	return {
		url,
		kill: () => process.kill(),
		restart() {
			process = start();
		},
		freeze: () => process.signal('SIGSTOP'),
		thaw: () => process.signal('SIGCONT'),
		async listens() {
			await until('the engine listens', listensWithinMs, async () => {
				if (!process.isRunning()) throw new Error(`an engine ended by itself: ${process.output()}`);
				return fetch(`${url}/health`).then(
					({ ok }) => ok,
					() => false
				);
			});
		},
		output: () => process.output(),
		stop() {
			process.signal('SIGCONT');
			process.signal('SIGTERM');
			return process.ended();
		}
	};
}
