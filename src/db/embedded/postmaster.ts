import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const filledWithinMs = 3000;

/** What `postmaster.pid` of a running server says. One that is `stopping` lets nobody in, and waits for those who are. */
export type Postmaster = { pid: number; port: number; ready: boolean; stopping: boolean };

/**
 * The server that runs on `cluster` now. A file left behind by a killed server is removed, also where another process has its
 * number by now: PostgreSQL would refuse to start for it.
 */
export function runningPostmaster(cluster: string): Postmaster | undefined {
	const file = path.join(cluster, 'postmaster.pid');
	const found = readPidFile(file);
	if (found === undefined) return undefined;
	if (serves(found.pid, cluster)) return found;
	if (found.pid === 0 && isBeingFilled(file)) return undefined;
	if (readPidFile(file)?.pid === found.pid) rmSync(file, { force: true });
	return undefined;
}

/** Whether process `pid` still runs (a zombie does not). */
export function isRunning(pid: number): boolean {
	try {
		process.kill(pid, 0);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
	return os.platform() !== 'linux' || commandLine(pid).length > 0;
}

/** A server that starts makes the file first and fills it then. */
function isBeingFilled(file: string): boolean {
	const stat = statSync(file, { throwIfNoEntry: false });
	return stat?.size === 0 && Math.abs(Date.now() - stat.mtimeMs) < filledWithinMs;
}

/** Lines of the file: pid, data directory, start time, port, socket directory, address, shared memory key, status. */
function readPidFile(file: string): Postmaster | undefined {
	let lines: string[];
	try {
		lines = readFileSync(file, 'utf8').split('\n');
	} catch {
		return undefined;
	}
	const pid = Number(lines[0]);
	if (!Number.isSafeInteger(pid) || pid <= 0) return { pid: 0, port: 0, ready: false, stopping: false };
	const status = lines[7]?.trim();
	return { pid, port: Number(lines[3]), ready: status === 'ready', stopping: status === 'stopping' };
}

/**
 * Whether `pid` is a PostgreSQL server on this very folder. It is named on the server's command line; where that path is gone
 * the project was moved under a running server, and where it is another folder this one is a copy.
 */
function serves(pid: number, cluster: string): boolean {
	if (pid === 0 || !isRunning(pid)) return false;
	if (os.platform() === 'win32') return true;
	const [executable = '', ...rest] = commandLine(pid);
	if (path.basename(executable) !== 'postgres') return false;
	const directory = rest[rest.indexOf('-D') + 1];
	if (directory === undefined) return false;
	const theirs = statSync(directory, { throwIfNoEntry: false });
	const ours = statSync(cluster);
	return theirs === undefined || (theirs.dev === ours.dev && theirs.ino === ours.ino);
}

function commandLine(pid: number): string[] {
	try {
		if (os.platform() === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
		return execFileSync('ps', ['-o', 'command=', '-p', `${pid}`], { encoding: 'utf8' })
			.trim()
			.split(' ');
	} catch {
		return [];
	}
}
