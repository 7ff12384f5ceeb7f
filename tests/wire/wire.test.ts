import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { isFetchCrash } from '#src/engine/fetch-crash.ts';
import type { HostileReport } from './hostile-run.ts';
import { harmful, harmless } from './hostile-server.ts';

const script = path.join(import.meta.dirname, 'hostile-run.ts');
const rssMaxMiB = 64;
/** Deadline of a call, and what a busy machine adds. */
const latestMs = 300 + 5000;

let report: HostileReport;

beforeAll(async () => {
	const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script], { timeout: 230_000 });
	report = JSON.parse(stdout) as HostileReport;
}, 240_000);

const of = (behaviours: object) => report.outcomes.filter(({ behaviour }) => Object.hasOwn(behaviours, behaviour));

it('a reply that comes in an unusual way is read like any other', () => {
	expect(of(harmless).filter(({ outcome }) => !/^\d+ records$/.test(outcome))).toEqual([]);
	expect(of(harmless).length).toBeGreaterThanOrEqual(2 * Object.keys(harmless).length);
});

it('whatever a server does, the call says what is wrong, in time', () => {
	const fine = ['unreachable', 'invalid-reply', 'misconfigured'];
	expect(of(harmful).filter(({ outcome, tookMs }) => !fine.includes(outcome) || tookMs > latestMs)).toEqual([]);
	expect(of(harmful).length).toBeGreaterThanOrEqual(2 * Object.keys(harmful).length);
});

it('nothing ends the process, and bombs stay out of the memory', () => {
	expect(report.uncaught).toEqual([]);
	expect(report.rssGrowthMiB).toBeLessThanOrEqual(rssMaxMiB);
});

it('only the one exception of fetch that nobody can catch is survived', () => {
	const crash = Object.assign(new Error('assert(!this.paused)'), { code: 'ERR_ASSERTION' });
	crash.stack = `AssertionError: x\n    at Parser.finish (node:internal/deps/undici/undici:7388:9)`;
	expect(isFetchCrash(crash)).toBe(true);
	crash.stack = 'AssertionError: x\n    at applyChanges (file:///engine/runs.ts:1:1)';
	for (const other of [crash, new Error('at Parser.finish (undici'), 'text', null])
		expect(isFetchCrash(other)).toBe(false);
});
