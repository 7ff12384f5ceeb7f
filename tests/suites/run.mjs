import { spawn } from 'node:child_process';
import os from 'node:os';

/**
 * Runs node with `args` and collects what it writes. The whole process group is ended when the time is up. A patient one lets
 * others have the processors first.
 * @param {string[]} args
 * @param {{ timeoutMs: number, env?: NodeJS.ProcessEnv, patient?: boolean }} options
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(args, { timeoutMs, env = process.env, patient = false }) {
	const grouped = process.platform !== 'win32';
	const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: grouped });
	if (patient && child.pid !== undefined) giveWay(child.pid);
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

/** @param {number} pid */
function giveWay(pid) {
	try {
		os.setPriority(pid, os.constants.priority.PRIORITY_BELOW_NORMAL);
	} catch {
		// It ended already, or may not: then it is only less patient.
	}
}
