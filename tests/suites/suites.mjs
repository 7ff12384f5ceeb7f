// What `npm test` runs. Each suite is one process; its counts come from a reporter's file, or it counts as one test.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findChromium } from './chromium.mjs';
import { run } from './run.mjs';

const bin = 'node_modules';
const vitest = path.join(bin, 'vitest', 'vitest.mjs');
const playwright = path.join(bin, '@playwright', 'test', 'cli.js');
const simulator = path.join('tests', 'simulation', 'main.ts');
const minuteMs = 60_000;

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {object} Suite
 * @property {string} name
 * @property {string[][]} commands arguments to node, one after the other
 * @property {number} timeoutMs
 * @property {(file: string) => Counts} [count] reads what a reporter wrote to that file
 * @property {true} [apart] runs only where it is named
 * @property {true} [patient] computes and waits for nothing: it stands beside a suite of stories, which go first
 * @property {string[]} [after] suites that make what it needs
 * @property {() => Promise<string | undefined>} [missing] makes sure of an optional system; says what it is missing for
 */

/**
 * In the order in which they are taken up, two at a time: see `inLanes`.
 * @type {Suite[]}
 */
export const suites = [
	// What the process and e2e suites start.
	{ name: 'build', commands: [[path.join(bin, 'vite', 'bin', 'vite.js'), 'build']], timeoutMs: 4 * minuteMs },
	{
		name: 'lint',
		commands: [
			[path.join(bin, 'eslint', 'bin', 'eslint.js'), '.'],
			[path.join(bin, 'prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.']
		],
		timeoutMs: 10 * minuteMs,
		patient: true
	},
	{
		name: 'e2e',
		commands: [[playwright, 'test', '--project=js', '--project=no-js', '--reporter=line,json']],
		timeoutMs: 20 * minuteMs,
		count: countPlaywright,
		missing: missingChromium,
		after: ['build']
	},
	{
		name: 'check',
		commands: [
			[path.join(bin, 'svelte-check', 'bin', 'svelte-check'), '--tsconfig', './tsconfig.json', '--fail-on-warnings']
		],
		timeoutMs: 10 * minuteMs,
		patient: true
	},
	{
		name: 'simulate',
		commands: [
			[simulator, '--seeds', '5000', '--lively', '--json'],
			[simulator, '--postgres', '--seeds', '300', '--json']
		],
		timeoutMs: 20 * minuteMs,
		patient: true
	},
	{ ...vitestSuite('process', 20 * minuteMs), after: ['build'] },
	{ ...vitestSuite('store', 12 * minuteMs), patient: true },
	{ ...vitestSuite('unit', 12 * minuteMs), patient: true },
	{ ...vitestSuite('tryton', 10 * minuteMs), missing: () => missingServer('tryton') },
	vitestSuite('pg', 10 * minuteMs),
	{ ...vitestSuite('vendure', 60 * minuteMs), apart: true, missing: () => missingServer('vendure') }
];

/**
 * @param {string} name of a vitest project
 * @param {number} timeoutMs
 * @returns {Suite}
 */
function vitestSuite(name, timeoutMs) {
	return {
		name,
		commands: [[vitest, 'run', '--project', name, '--reporter=default', '--reporter=json']],
		timeoutMs,
		count: countVitest
	};
}

/** @param {string} file @returns {Counts} */
function countVitest(file) {
	const report = JSON.parse(readFileSync(file, 'utf8'));
	return {
		passed: report.numPassedTests,
		failed: report.numFailedTests,
		skipped: report.numPendingTests + report.numTodoTests
	};
}

/** @param {string} file @returns {Counts} */
function countPlaywright(file) {
	const { stats } = JSON.parse(readFileSync(file, 'utf8'));
	return { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped };
}

/** @param {string} name of the folder with its installer @returns {Promise<string | undefined>} */
async function missingServer(name) {
	const installer = path.join('tests', name, 'install.mjs');
	if (!existsSync(installer)) return 'there is no installer for it';
	const { code, output } = await run([installer], { timeoutMs: 10 * minuteMs });
	return code === 0 ? undefined : (output.trim().split('\n').at(-1) ?? 'its installation failed');
}

/** Installs Debian's Chromium where that is possible and none is there. */
async function missingChromium() {
	if (findChromium()) return undefined;
	if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
		const apt = ['apt-get', '-o', 'DPkg::Lock::Timeout=300'];
		const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
		const options = { env, timeout: 5 * minuteMs, stdio: /** @type {const} */ ('ignore') };
		spawnSync('env', [...apt, 'update', '-qq'], options);
		spawnSync('env', [...apt, 'install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
		if (findChromium()) return undefined;
		return 'Chromium is not installed and apt-get could not install it';
	}
	return 'Chromium is not installed (set CHROMIUM_PATH, or run: npx playwright install chromium)';
}
