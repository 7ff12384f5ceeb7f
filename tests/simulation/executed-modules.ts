// Plays seeds in a process of its own and writes, as JSON, the hash of each and which functions of src/engine/runs ran:
//     node tests/simulation/executed-modules.ts SEED...
import { Session } from 'node:inspector/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const seeds = process.argv.slice(2).map(Number);
const folder = path.resolve(import.meta.dirname, '../../src/engine/runs') + path.sep;

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

// Not before: what is already loaded is not counted.
const { playSchedule } = await import('./schedule.ts');
const { memoryDirectory } = await import('./directory.ts');
const hashes: string[] = [];
for (const seed of seeds)
	hashes.push((await playSchedule(seed, { openDirectory: memoryDirectory, fullTrace: true })).hash);

const { result } = await session.post('Profiler.takePreciseCoverage');
const files = result.flatMap(({ url, functions }) => {
	if (!url.startsWith('file:') || !fileURLToPath(url).startsWith(folder)) return [];
	// The first one is the module itself.
	const own = functions
		.slice(1)
		.map(({ functionName, ranges }) => ({ name: functionName, ran: (ranges[0]?.count ?? 0) > 0 }));
	return [{ file: path.relative(folder, fileURLToPath(url)), functions: own }];
});
console.log(JSON.stringify({ hashes, files }));
