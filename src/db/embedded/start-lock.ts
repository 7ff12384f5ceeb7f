import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError } from '../database-error.ts';
import { isRunning } from './postmaster.ts';

/** Longer than any start takes: a lock this old was left behind. */
const staleAfterMs = 120_000;
const retryAfterMs = 50;

/** Runs `work` while no other process of this host runs work under the same `lockFile`; waits for its turn. */
export async function withStartLock<T>(lockFile: string, work: () => Promise<T>): Promise<T> {
	const deadline = Date.now() + staleAfterMs;
	while (!acquire(lockFile)) {
		if (isStale(lockFile)) rmSync(lockFile, { force: true });
		else if (Date.now() > deadline) {
			throw new DatabaseError('server-failed', 'another start of the database does not finish', `delete ${lockFile}`);
		} else await sleep(retryAfterMs);
	}
	try {
		return await work();
	} finally {
		rmSync(lockFile, { force: true });
	}
}

function acquire(lockFile: string): boolean {
	try {
		writeFileSync(lockFile, `${process.pid}\n`, { flag: 'wx' });
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
		throw error;
	}
}

function isStale(lockFile: string): boolean {
	const file = statSync(lockFile, { throwIfNoEntry: false });
	if (!file) return false;
	if (Date.now() - file.mtimeMs > staleAfterMs) return true;
	const pid = Number(readFileSync(lockFile, 'utf8'));
	return pid > 0 && !isRunning(pid);
}
