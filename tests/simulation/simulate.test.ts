import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { memoryDirectory } from './directory.ts';
import { befalls, channelFaults, channelMethods } from './fault-kinds.ts';
import { emptyCells, faultCells } from './fault-matrix.ts';
import { playSchedule } from './schedule.ts';
import { createSummary } from './summary.ts';

type Report = { hashes: string[]; files: { file: string; functions: { name: string; ran: boolean }[] }[] };

const run = promisify(execFile);
const seeds = 24;

async function playElsewhere(timeZone: string, count: number): Promise<Report> {
	const script = path.join(import.meta.dirname, 'executed-modules.ts');
	const { stdout } = await run(process.execPath, [script, '1', String(count)], {
		env: { ...process.env, TZ: timeZone, NODE_OPTIONS: '' },
		maxBuffer: 10_000_000
	});
	return JSON.parse(stdout) as Report;
}

async function hashOf(seed: number): Promise<string> {
	return (await playSchedule(seed, { openDirectory: memoryDirectory, fullTrace: true })).hash;
}

test('a seed plays the same again, in other processes and in other time zones, and every module that runs consist of takes part', async () => {
	const utc = await playElsewhere('UTC', seeds);
	const line = await playElsewhere('Pacific/Kiritimati', 3);
	const half = await playElsewhere('America/St_Johns', 3);
	const here = [await hashOf(1), await hashOf(1), await hashOf(2), await hashOf(3)];
	const [one = '', two = '', three = ''] = utc.hashes;
	expect(here).toEqual([one, one, two, three]);
	expect(line.hashes).toEqual([one, two, three]);
	expect(half.hashes).toEqual([one, two, three]);
	expect(new Set(utc.hashes).size, 'different seeds, different schedules').toBe(seeds);

	const folder = path.resolve(import.meta.dirname, '../../src/engine/runs');
	const modules = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.includes('.test.'));
	const ran = utc.files
		.filter(({ functions }) => functions.length === 0 || functions.some((each) => each.ran))
		.map(({ file }) => file);
	expect(modules.length).toBeGreaterThan(10);
	expect(
		modules.filter((file) => !ran.includes(file)),
		'modules of src/engine/runs that no schedule executes'
	).toEqual([]);
}, 120_000);

test('an argument or a result that is other changes the hash', async () => {
	const usual = await hashOf(1);
	const other = await playSchedule(1, {
		fullTrace: true,
		openDirectory(nowMicros) {
			const directory = memoryDirectory(nowMicros);
			let calls = 0;
			const drainOutbox = async (input: Parameters<typeof directory.store.drainOutbox>[0]) =>
				(await directory.store.drainOutbox(input)) + ((calls += 1) === 20 ? 1 : 0);
			return { ...directory, store: { ...directory.store, drainOutbox } };
		}
	});
	expect(other.hash).not.toBe(usual);
});

test('every kind of fault is counted at every call that it can befall', () => {
	for (const kind of channelFaults)
		expect(
			channelMethods.some((method) => befalls(kind, method)),
			kind
		).toBe(true);
	expect(faultCells).toContain('lands-late create');
	expect(faultCells).toContain('lost-after-commit store.commitLinks');
	expect(faultCells).toContain('kill-after store.markIntentSent');
	expect(faultCells).not.toContain('lands-late list');
	const all = new Map(faultCells.map((cell) => [cell, 1]));
	expect(emptyCells(all)).toEqual([]);
	all.delete('stall-before find');
	expect(emptyCells(all)).toEqual(['stall-before find']);
});

test('schedules in which too little happens are no proof', () => {
	const summary = createSummary();
	const busy = {
		edits: 60,
		faults: 9,
		kills: 2,
		stalls: 2,
		pushes: 20,
		pulls: 20,
		creates: 2,
		steps: 900,
		virtualMs: 1
	};
	const rest = { seed: 1, hash: '', violations: [], lostWithoutPrecondition: 0 };
	const faultCounts = faultCells.map((cell): [string, number] => [cell, 1]);
	summary.add({ ...rest, ...busy, faultCounts });
	expect(summary.quiet()).toEqual([]);
	summary.add({ ...rest, ...busy, kills: 0, faultCounts });
	summary.add({ ...rest, ...busy, kills: 0, faultCounts });
	expect(summary.quiet()).toEqual(['median kills 0, at least 1']);
});
