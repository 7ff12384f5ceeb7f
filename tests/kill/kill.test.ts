import { expect, test } from 'vitest';
import { describeViolations } from './report.ts';
import { runKills } from './run-kills.ts';

/** Three of these kills hit the database, one both engines; one engine is frozen on top. */
const seed = 110;

test('20 kills under load lose no edit, make no double and are recovered from', { timeout: 900_000 }, async () => {
	const report = await runKills({ kills: 20, links: 10_000, seed, idleCycles: 20, fullRun: false });
	expect(report.found, describeViolations(report)).toEqual([]);
	expect(report.kills).toBe(20);
	expect(report.engineWrites).toBeGreaterThan(100);
});
