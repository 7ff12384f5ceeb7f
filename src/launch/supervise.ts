import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchError } from './launch-error.ts';
import type { Lifecycle, Stage } from './lifecycle.ts';
import { projectDirectory } from './settings.ts';

const shortestPauseMs = 500;
const longestPauseMs = 10_000;
/** A child that ran this long was well: the next pause is the shortest again. */
const steadyAfterMs = 30_000;
const stopTimeoutMs = 15_000;
const readyTimeoutMs = 120_000;
const healthTimeoutMs = 2000;
const healthPollMs = 100;
const endsBeforeGivingUp = 3;
const linesShown = 20;

/** Loads a guard into each child. On Node 22 the other flag silences the notice about running TypeScript. */
const nodeFlags = [
	'--disable-warning=ExperimentalWarning',
	'--import',
	new URL('./end-with-parent.mjs', import.meta.url).href
];

export type Child = {
	name: string;
	/** Arguments to Node: the script, after its flags. */
	command: string[];
	env: NodeJS.ProcessEnv;
	stage: Stage;
	/** Answers with less than 500 once the child works. */
	healthUrl: string;
	/** File that its output goes to, started anew; our own output if not given. */
	logFile?: string | undefined;
};

/**
 * Runs `child`, restarts it whenever it ends, stops it at the end of `lifecycle`. Resolves when it is healthy.
 * @throws LaunchError if it ends again and again before that
 */
export async function supervise(child: Child, lifecycle: Lifecycle, say: (line: string) => void): Promise<void> {
	let running: ChildProcess | undefined;
	let stopping = false;
	let healthy = false;
	let ends = 0;
	let pauseMs = shortestPauseMs;
	let restart: NodeJS.Timeout | undefined;

	lifecycle.onEnd(child.stage, async () => {
		stopping = true;
		clearTimeout(restart);
		if (running) await stop(running);
	});
	const run = () => {
		const startedAt = Date.now();
		running = start(child, ends === 0);
		running.once('exit', (code, signal) => {
			if (stopping) return;
			ends++;
			if (Date.now() - startedAt > steadyAfterMs) pauseMs = shortestPauseMs;
			if (healthy) {
				const ended = `${child.name} ended (${signal ?? `exit ${code}`}), starting it again in ${pauseMs / 1000} s`;
				say(child.logFile ? `${ended}; why is in ${path.relative(process.cwd(), child.logFile)}` : ended);
			}
			restart = setTimeout(run, pauseMs);
			pauseMs = Math.min(pauseMs * 2, longestPauseMs);
		});
	};
	run();

	const deadline = Date.now() + readyTimeoutMs;
	while (!(await answers(child.healthUrl))) {
		if (ends >= endsBeforeGivingUp) throw new LaunchError(`${child.name} does not start${lastOutput(child.logFile)}`);
		if (Date.now() > deadline) throw new LaunchError(`${child.name} does not get ready${lastOutput(child.logFile)}`);
		await sleep(healthPollMs);
	}
	healthy = true;
}

/** Runs a script of ours to its end and returns its exit code. Ctrl-C reaches it directly. */
export function runScript(command: string[], env: NodeJS.ProcessEnv): Promise<number> {
	const child = spawn(process.execPath, [...nodeFlags, ...command], {
		cwd: projectDirectory,
		env,
		stdio: ['inherit', 'inherit', 'inherit', 'ipc']
	});
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (code) => resolve(code ?? 1));
	});
}

function start(child: Child, first: boolean): ChildProcess {
	let output: number | 'inherit' = 'inherit';
	if (child.logFile) {
		mkdirSync(path.dirname(child.logFile), { recursive: true });
		output = openSync(child.logFile, first ? 'w' : 'a', 0o600);
	}
	const started = spawn(process.execPath, [...nodeFlags, ...child.command], {
		cwd: projectDirectory,
		env: child.env,
		stdio: ['ignore', output, output, 'ipc'],
		// In a group of its own: Ctrl-C reaches the launcher alone, which ends its children in order.
		detached: os.platform() !== 'win32'
	});
	if (typeof output === 'number') closeSync(output);
	return started;
}

async function stop(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	child.kill('SIGTERM');
	const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
	await ended;
	clearTimeout(timer);
}

async function answers(url: string): Promise<boolean> {
	try {
		const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(healthTimeoutMs) });
		await response.arrayBuffer();
		return response.status < 500;
	} catch {
		return false;
	}
}

function lastOutput(logFile: string | undefined): string {
	if (!logFile) return ', see its output above';
	const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-linesShown);
	return `; the end of ${path.relative(process.cwd(), logFile)}:\n${lines.join('\n')}`;
}
