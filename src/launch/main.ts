import { parseArgs } from 'node:util';
import { DatabaseError } from '../db/database-error.ts';
import { findDatabase, openDatabase } from './database.ts';
import { LaunchError } from './launch-error.ts';
import { createLifecycle } from './lifecycle.ts';
import { demo, develop, secretKey, start } from './serve.ts';
import { scriptEnvironment } from './processes.ts';
import { readSettings, type Settings } from './settings.ts';
import { runScript } from './supervise.ts';

/** Scripts that work on the database and end. */
const scripts: Record<string, string> = {
	seed: 'src/demo/seed-links.ts',
	token: 'src/auth/print-token.ts',
	bench: 'tests/bench/main.ts'
};

const usage = 'usage: npm run demo|start|dev|db:migrate|db:url|seed|token|bench';

/** Runs one of the project's commands, see README. Sets the exit code, or goes on until it gets a signal. */
export async function main([command = '', ...rest]: string[]): Promise<void> {
	try {
		const settings = readSettings(process.env);
		if (command === 'demo' || command === 'start' || command === 'dev') await serve(command, rest, settings);
		else process.exitCode = await runOnce(command, rest, settings);
	} catch (error) {
		report(error);
		process.exitCode = 1;
	}
}

async function serve(command: 'demo' | 'start' | 'dev', rest: string[], settings: Settings): Promise<void> {
	const { reset } = readFlags(command, rest);
	const lifecycle = createLifecycle(report);
	try {
		if (command === 'demo') await demo(settings, reset, lifecycle, console.log);
		else if (command === 'start') await start(settings, lifecycle, console.log);
		else await develop(settings, lifecycle, console.log);
	} catch (error) {
		lifecycle.fail(error);
	}
}

async function runOnce(command: string, rest: string[], settings: Settings): Promise<number> {
	if (command === 'db-url') return printUrl(settings);
	const script = scripts[command];
	if (command !== 'migrate' && script === undefined) throw new LaunchError(usage);
	// Ctrl-C reaches the script too: wait for it, then let go of the database.
	for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
	const database = await openDatabase(settings, console.error);
	try {
		if (script === undefined) return 0;
		const key = settings.databaseUrl ? settings.secretKey : secretKey(settings);
		return await runScript([script, ...rest], scriptEnvironment(database.url, key, settings));
	} finally {
		await database.release();
	}
}

function printUrl(settings: Settings): number {
	const url = findDatabase(settings);
	if (!url) throw new LaunchError('no database runs: start one with npm run demo, or set DATABASE_URL');
	console.log(url);
	return 0;
}

function readFlags(command: string, rest: string[]): { reset: boolean } {
	const options = command === 'demo' ? ({ reset: { type: 'boolean', default: false } } as const) : {};
	try {
		const { values } = parseArgs({ args: rest, options });
		return { reset: 'reset' in values && values.reset === true };
	} catch (error) {
		throw new LaunchError(error instanceof Error ? error.message : usage);
	}
}

function report(error: unknown): void {
	if (error instanceof LaunchError) console.error(error.message);
	else if (error instanceof DatabaseError) console.error(`${error.message}; ${error.hint}`);
	else console.error(error);
}
