import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createSummary } from '../simulation/summary.ts';
import { readFigures, record } from './figures.ts';
import { page, type Shown } from './page.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'channel-mapping-proof-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const none: Shown = { result: createSummary().result(), broken: [], command: 'npm run proof' };

test('a figure on record stays until the same command is run again, and the page says where it is from', async () => {
	const file = path.join(folder, 'figures.json');
	const kills = { kills: 1000, violations: 0, recoveryP99Ms: 9_400 };
	await record('kills', { command: 'npm run test:kill', figures: kills, commit: 'abc', file });
	await record('fuzz', { command: 'npm run fuzz', figures: { replies: 5, wrong: 0 }, commit: 'abc', file });
	await record('fuzz', { command: 'npm run fuzz', figures: { replies: 100_000, wrong: 0 }, commit: 'def+', file });
	const written = page(none, readFigures(file));
	expect(written).toContain('9.4 s');
	expect(written).toContain('100,000 damaged replies');
	expect(written).toContain('commit def with changes on top');
});

test('the page hides neither a broken promise nor a figure that nobody has made', () => {
	const broken = [{ seed: 77, invariant: 'I2', what: 'edit 12 is gone without a trace' }];
	const red = { ...none, broken, result: { ...none.result, seeds: 10, violations: 1, rateBelow: null } };
	const lost = {
		command: 'npm run test:kill',
		date: '2026-11-28',
		commit: 'abc',
		figures: { kills: 3, violations: 2 }
	};
	const written = page(red, { kills: lost });
	expect(written).toContain('1 of them broke a promise');
	expect(written).toContain('seed 77 breaks I2');
	expect(written).toContain('**2**. This is not mended yet.');
	expect(written.match(/There is no figure yet/g)).toHaveLength(7);
});
