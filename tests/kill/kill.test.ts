import { expect, test } from 'vitest';
import { describeViolations } from './report.ts';
import { runKills } from './run-kills.ts';

const seed = 20;

test('20 kills under load lose no edit, make no double and are recovered from', { timeout: 240_000 }, async () => {
	const report = await runKills({ kills: 20, links: 10_000, seed, idleCycles: 20, fullRun: false });
	expect(report.found, describeViolations(report)).toEqual([]);
	expect(report.kills).toBe(20);
	expect(report.engineWrites).toBeGreaterThan(100);
});
