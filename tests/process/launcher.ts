import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { expect } from 'vitest';

const projectDirectory = path.resolve(import.meta.dirname, '../..');
const readyWithinMs = 90_000;

export type Environment = Record<string, string>;

export type Launcher = {
	process: ChildProcess;
	output(): string;
	/** Waits until the output matches, and gives the match. */
	until(pattern: RegExp): Promise<RegExpExecArray>;
	/** Sends the signal and gives the exit code. */
	end(signal: NodeJS.Signals): Promise<number | null>;
};

/** Runs a command of the launcher to its end. */
export function runCommand(
	args: string[],
	environment: Environment
): { code: number | null; out: string; err: string } {
	const result = spawnSync(process.execPath, ['src/launch.mjs', ...args], {
		...base,
		encoding: 'utf8',
		env: only(environment)
	});
	return { code: result.status, out: result.stdout, err: result.stderr };
}

/** Starts a command of the launcher that goes on. */
export function startCommand(args: string[], environment: Environment): Launcher {
	const child = spawn(process.execPath, ['src/launch.mjs', ...args], { ...base, env: only(environment) });
	let text = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()));
	const ended = once(child, 'exit');
	return {
		process: child,
		output: () => text,
		until: async (pattern) => {
			const over = () => pattern.test(text) || child.exitCode !== null;
			await expect.poll(over, { timeout: readyWithinMs, interval: 50, message: 'not ready in time' }).toBe(true);
			expect(text).toMatch(pattern);
			return pattern.exec(text) as RegExpExecArray;
		},
		end: async (signal) => {
			child.kill(signal);
			await ended;
			return child.exitCode;
		}
	};
}

/** Process ids of the launcher's children by what they run. */
export function childrenOf(launcher: Launcher): Map<string, number> {
	const rows = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', `${launcher.process.pid}`], { encoding: 'utf8' });
	const found = new Map<string, number>();
	for (const [, pid, args] of rows.matchAll(/^\s*(\d+) (.*)$/gm)) {
		const script = /(src\/engine\/main\.ts|build\/index\.js|bin\/postgres)/.exec(args ?? '')?.[1];
		if (script) found.set(script, Number(pid));
	}
	return found;
}

/** Ports that are free now, for PORT and ENGINE_PORT. */
export async function freePorts(): Promise<{ PORT: string; ENGINE_PORT: string }> {
	const servers = [net.createServer(), net.createServer()];
	const ports = await Promise.all(
		servers.map(async (server) => {
			server.listen(0, '127.0.0.1');
			await once(server, 'listening');
			const address = server.address();
			return typeof address === 'object' && address ? `${address.port}` : '';
		})
	);
	for (const server of servers) server.close();
	return { PORT: ports[0] ?? '', ENGINE_PORT: ports[1] ?? '' };
}

const base: { cwd: string; stdio: ['ignore', 'pipe', 'pipe'] } = {
	cwd: projectDirectory,
	stdio: ['ignore', 'pipe', 'pipe']
};

/** Nothing but what a test gives reaches the launcher. */
function only(environment: Environment): NodeJS.ProcessEnv {
	return { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment };
}
