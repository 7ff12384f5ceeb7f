// npm test [suite...]: runs the suites (without names all but those that stand apart), shows the output of those that fail, and counts.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inLanes } from './suites/lanes.mjs';
import { run } from './suites/run.mjs';
import { suites } from './suites/suites.mjs';

/**
 * @typedef {import('./suites/suites.mjs').Counts} Counts
 * @typedef {import('./suites/suites.mjs').Suite} Suite
 */

const strict = process.env['CI'] === '1' || process.env['CI'] === 'true';
const reports = mkdtempSync(path.join(os.tmpdir(), 'channel-mapping-reports-'));
const seconds = (/** @type {number} */ sinceMs) => ((performance.now() - sinceMs) / 1000).toFixed(1);
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (interrupted = true));

process.chdir(path.resolve(import.meta.dirname, '..'));
process.exitCode = await main(process.argv.slice(2));
rmSync(reports, { recursive: true, force: true });

/** @param {string[]} wanted @returns {Promise<number>} */
async function main(wanted) {
	const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
	if (unknown.length > 0) {
		console.error(`no such suite: ${unknown.join(', ')}; there are ${suites.map(({ name }) => name).join(', ')}`);
		return 1;
	}
	// What type checks, lint and tests read beside the sources.
	spawnSync('npm', ['run', '-s', 'generate'], { stdio: 'inherit', shell: process.platform === 'win32' });
	const chosen = suites.filter(({ name, apart }) => (wanted.length === 0 ? !apart : wanted.includes(name)));
	const startedMs = performance.now();
	const results = await inLanes(chosen, runSuite, () => interrupted);
	console.log('\nsuite      seconds');
	for (const { name, took } of results) console.log(`${name.padEnd(10)} ${took.padStart(7)}`);
	console.log(`${'all'.padEnd(10)} ${seconds(startedMs).padStart(7)}\n`);
	const total = (/** @type {keyof Counts} */ key) => results.reduce((sum, { counts }) => sum + counts[key], 0);
	console.log(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
	return total('failed') > 0 || interrupted ? 1 : 0;
}

/** @param {Suite} suite */
async function runSuite(suite) {
	const startedMs = performance.now();
	const missing = await suite.missing?.();
	if (missing) {
		console.log(`not run: ${suite.name}, because ${missing}`);
		const counts = strict ? { passed: 0, failed: 1, skipped: 0 } : { passed: 0, failed: 0, skipped: 1 };
		return { name: suite.name, counts, took: seconds(startedMs) };
	}
	const report = path.join(reports, `${suite.name}.json`);
	const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report, NO_COLOR: '1' };
	let failed = false;
	let shown = '';
	for (const command of suite.commands) {
		const args = command.includes('--reporter=json') ? [...command, `--outputFile.json=${report}`] : command;
		const { code, output } = await run(args, { timeoutMs: suite.timeoutMs, env, patient: suite.patient ?? false });
		if (code === 0) continue;
		failed = true;
		shown += output;
	}
	const counts = count(suite, report, failed);
	const took = seconds(startedMs);
	if (failed) console.log(`\n--- ${suite.name} ---\n${shown.trim()}\n--- end of ${suite.name} ---\n`);
	console.log(`${suite.name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${took} s)`);
	return { name: suite.name, counts, took };
}

/**
 * A suite that failed has at least one failure, whatever its reporter says: it may have ended before its first test.
 * @param {Suite} suite @param {string} report @param {boolean} failed @returns {Counts}
 */
function count(suite, report, failed) {
	if (!suite.count) return { passed: failed ? 0 : 1, failed: failed ? 1 : 0, skipped: 0 };
	const counts = existsSync(report) ? suite.count(report) : { passed: 0, failed: 0, skipped: 0 };
	return { ...counts, failed: failed ? Math.max(1, counts.failed) : counts.failed };
}
