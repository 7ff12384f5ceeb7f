import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { differenceOf } from './both.ts';
import { befalls, channelFaults, channelMethods } from './fault-kinds.ts';
import { emptyCells, faultCells } from './fault-matrix.ts';
import { createSummary } from './summary.ts';
import { createTrace } from './trace.ts';

type Report = { hashes: string[]; files: { file: string; functions: { name: string; ran: boolean }[] }[] };

const run = promisify(execFile);

/** Plays seeds in a process of its own that lives in a time zone. */
async function play(timeZone: string, seeds: readonly number[]): Promise<Report> {
	const script = path.join(import.meta.dirname, 'executed-modules.ts');
	const { stdout } = await run(process.execPath, [script, ...seeds.map(String)], {
		env: { ...process.env, TZ: timeZone, NODE_OPTIONS: '' },
		maxBuffer: 10_000_000
	});
	return JSON.parse(stdout) as Report;
}

test('a seed plays the same again, in other processes and in other time zones; every module that runs are made of takes part', async () => {
	const different = Array.from({ length: 25 }, (_, index) => index + 1);
	const zones = ['Pacific/Kiritimati', 'America/St_Johns'];
	const [{ hashes, files }, ...elsewhere] = await Promise.all([
		play('UTC', [1, ...different]),
		...zones.map((timeZone) => play(timeZone, [1, 2, 3]))
	]);
	const [again, ...first] = hashes;
	expect(again, 'twice in one process').toBe(first[0]);
	expect(new Set(first).size, 'different seeds, different schedules').toBe(different.length);
	for (const [index, { hashes: same }] of elsewhere.entries()) expect(same, zones[index]).toEqual(first.slice(0, 3));

	const folder = path.resolve(import.meta.dirname, '../../src/engine/runs');
	const modules = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.includes('.test.'));
	const ran = files
		.filter(({ functions }) => functions.length === 0 || functions.some((each) => each.ran))
		.map(({ file }) => file);
	expect(modules.length).toBeGreaterThan(10);
	const idle = modules.filter((file) => !ran.includes(file));
	expect(idle, 'modules of src/engine/runs that no schedule executes').toEqual([]);
}, 300_000);

test('another time, another argument and another result each make another hash', () => {
	const hashOf = (atMs: number, detail: unknown, full = true) => {
		const trace = createTrace({ full });
		trace.note(atMs, 'engine-1 store.commitLinks', detail);
		return trace.hash();
	};
	const usual = [{ linkId: '1', bases: { price: '7.50' } }, new Map([['1', 3n]])];
	const same = [{ bases: { price: '7.50' }, linkId: '1' }, new Map([['1', 3n]])];
	expect(hashOf(1, same)).toBe(hashOf(1, usual));
	const others = [
		hashOf(1.001, usual),
		hashOf(1, [{ linkId: '1', bases: { price: '7.5' } }, new Map([['1', 3n]])]),
		hashOf(1, [{ linkId: '1', bases: { price: '7.50' } }, new Map([['1', 4n]])]),
		hashOf(1, [{ linkId: '1', bases: { price: '7.50' } }, new Error('refused')])
	];
	expect(new Set([...others, hashOf(1, usual)]).size).toBe(5);
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
	const counts = { edits: 60, faults: 9, kills: 2, stalls: 2, pushes: 20, pulls: 20, creates: 2, steps: 900 };
	const none = { violations: [], lostWithoutPrecondition: 0, idleWrites: 0 };
	const busy = { ...counts, ...none, virtualMs: 1, seed: 1, hash: '' };
	const faultCounts = faultCells.map((cell): [string, number] => [cell, 1]);
	summary.add({ ...busy, faultCounts });
	expect(summary.quiet()).toEqual([]);
	summary.add({ ...busy, kills: 0, faultCounts });
	summary.add({ ...busy, kills: 0, faultCounts });
	expect(summary.quiet()).toEqual(['median kills 0, at least 1']);
});

test('what memory and PostgreSQL tell apart is found: in any call, in how many there are, in any row at the end', () => {
	const told = {
		lines: ['1.000 store.beginRun', '2.000 store.finishRun'],
		rows: { conflicts: [{ id: '1', field: 'price' }] }
	};
	const [first = ''] = told.lines;
	expect(differenceOf(told, structuredClone(told))).toBeNull();
	expect(differenceOf(told, { ...told, lines: [first, '2.000 store.commitLinks'] })).toContain('call 1');
	expect(differenceOf(told, { ...told, lines: [first] })).toContain('PostgreSQL nothing');
	const rows = { conflicts: [{ id: '1', field: 'name' }] };
	expect(differenceOf(told, { ...told, rows })).toContain('conflicts row 0 column field');
	expect(differenceOf({ ...told, rows: { conflicts: [] } }, told)).toContain('only PostgreSQL has');
});
