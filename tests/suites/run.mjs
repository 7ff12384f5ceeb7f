import { spawn } from 'node:child_process';

/**
 * Runs node with `args` and collects what it writes. The whole process group is ended when the time is up.
 * @param {string[]} args
 * @param {{ timeoutMs: number, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(args, { timeoutMs, env = process.env }) {
	const grouped = process.platform !== 'win32';
	const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: grouped });
	/** @param {NodeJS.Signals} signal */
	const end = (signal) => {
		if (child.pid === undefined) return;
		try {
			process.kill(grouped ? -child.pid : child.pid, signal);
		} catch {
			// It ended in this moment.
		}
	};
	const interrupted = () => end('SIGTERM');
	process.once('SIGINT', interrupted);
	process.once('SIGTERM', interrupted);
	let output = '';
	for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
	return new Promise((resolve) => {
		const timer = setTimeout(() => {
			output += `\nended after ${timeoutMs / 1000} s\n`;
			end('SIGTERM');
			setTimeout(() => end('SIGKILL'), 10_000).unref();
		}, timeoutMs);
		child.once('error', (error) => (output += String(error)));
		child.once('close', (code) => {
			clearTimeout(timer);
			process.off('SIGINT', interrupted);
			process.off('SIGTERM', interrupted);
			resolve({ code: code ?? 1, output });
		});
	});
}
