// The store suite at full length: every pair of verbs interleaved, and as many random sequences as wanted.
//
//     npm run test:store -- [--sequences N] [--pairs N|all] [--seed FIRST]
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
	options: {
		sequences: { type: 'string', default: '500' },
		pairs: { type: 'string', default: 'all' },
		seed: { type: 'string', default: '1' }
	}
});
for (const [name, value] of Object.entries(values)) {
	if (/^\d+$/.test(value) || (name === 'pairs' && value === 'all')) continue;
	console.error(`--${name} ${value} is no number`);
	process.exit(1);
}
const { status } = spawnSync(
	process.execPath,
	[path.join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'store'],
	{
		stdio: 'inherit',
		env: { ...process.env, STORE_SEQUENCES: values.sequences, STORE_PAIRS: values.pairs, STORE_SEED: values.seed }
	}
);
process.exit(status ?? 1);
