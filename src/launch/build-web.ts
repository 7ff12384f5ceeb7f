import { spawn } from 'node:child_process';
import { closeSync, existsSync, globSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { LaunchError } from './launch-error.ts';
import type { Lifecycle } from './lifecycle.ts';
import { projectDirectory } from './settings.ts';

/** Written last by the build. */
const product = path.join(projectDirectory, 'build', 'index.js');
const viteScript = path.join(projectDirectory, 'node_modules', 'vite', 'bin', 'vite.js');
const sources = ['src/**/*', 'static/**/*', 'svelte.config.js', 'vite.config.ts', 'package-lock.json'];
const notSources = /^src\/(lib\/paraglide|launch|engine|demo)\/|^src\/launch\.mjs$|\.test\.ts$/;
const linesShown = 20;

/** Builds the web application unless the build there is as new as its sources. */
export async function buildWeb(logFile: string, lifecycle: Lifecycle, say: (line: string) => void): Promise<void> {
	const present = existsSync(product);
	// Without the development packages what is there has to do.
	if (present && (!existsSync(viteScript) || statSync(product).mtimeMs >= newestSource())) return;
	if (!existsSync(viteScript))
		throw new LaunchError('the web is not built, and the packages to build it are not installed');
	say('building the web (once, about 20 s)');
	mkdirSync(path.dirname(logFile), { recursive: true });
	const log = openSync(logFile, 'w', 0o600);
	const build = spawn(process.execPath, [viteScript, 'build'], {
		cwd: projectDirectory,
		env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1', FORCE_COLOR: '0' },
		stdio: ['ignore', log, log]
	});
	closeSync(log);
	const ended = new Promise<number | null>((resolve, reject) => {
		build.once('error', reject);
		build.once('exit', resolve);
	});
	lifecycle.onEnd('services', async () => {
		build.kill('SIGTERM');
		await ended;
	});
	if ((await ended) === 0) return;
	const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-linesShown);
	throw new LaunchError(`building the web failed; the end of ${logFile}:\n${lines.join('\n')}`);
}

function newestSource(): number {
	const files = globSync(sources, { cwd: projectDirectory, withFileTypes: true }).filter((entry) => entry.isFile());
	const times = files
		.map((entry) => path.join(entry.parentPath, entry.name))
		.filter((file) => !notSources.test(path.relative(projectDirectory, file)))
		.map((file) => statSync(file).mtimeMs);
	return Math.max(...times);
}
