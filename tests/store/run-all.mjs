// The store suite at full length: every pair of verbs interleaved, and as many random sequences as wanted.
//
//     npm run test:store -- [--sequences N] [--pairs N|all] [--part K/N] [--seed FIRST]
//
// A part is one of N pieces of all pairs, for a run that is cut up.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
	options: {
		sequences: { type: 'string', default: '500' },
		pairs: { type: 'string', default: 'all' },
		part: { type: 'string', default: '1/1' },
		seed: { type: 'string', default: '1' }
	}
});
for (const [name, value] of Object.entries(values)) {
	if (name === 'part' ? /^[1-9]\d*\/[1-9]\d*$/.test(value) : /^\d+$/.test(value)) continue;
	if (name === 'pairs' && value === 'all') continue;
	console.error(`--${name} ${value} is no ${name === 'part' ? 'part, like 1/4' : 'number'}`);
	process.exit(1);
}
const { status } = spawnSync(
	process.execPath,
	[path.join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'store'],
	{
		stdio: 'inherit',
		env: {
			...process.env,
			STORE_SEQUENCES: values.sequences,
			STORE_PAIRS: values.pairs,
			STORE_PART: values.part,
			STORE_SEED: values.seed
		}
	}
);
process.exit(status ?? 1);
