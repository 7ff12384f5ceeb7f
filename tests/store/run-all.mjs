// The store suite at full length: every pair of verbs interleaved, and as many random sequences as wanted.
//
//     npm run test:store -- [--sequences N] [--pairs N|all] [--part K/N] [--verbs NAME,NAME] [--seed FIRST] [--record]
//
// A part is one of N pieces of all pairs, for a run that is cut up. With verbs named, `all` is every pair that one of them is in.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

const number = { like: /^\d+$/, not: 'no number' };
const formats = {
	sequences: number,
	pairs: { like: /^(\d+|all)$/, not: 'neither a number nor "all"' },
	part: { like: /^[1-9]\d*\/[1-9]\d*$/, not: 'no part, like 1/4' },
	verbs: { like: /^(\w+(,\w+)*)?$/, not: 'no list of verbs, like drainOutbox,takeHints' },
	seed: number
};
const { values } = parseArgs({
	options: {
		sequences: { type: 'string', default: '500' },
		pairs: { type: 'string', default: 'all' },
		part: { type: 'string', default: '1/1' },
		verbs: { type: 'string', default: '' },
		seed: { type: 'string', default: '1' },
		record: { type: 'boolean', default: false }
	}
});
for (const [name, format] of Object.entries(formats)) {
	const value = values[/** @type {keyof typeof formats} */ (name)];
	if (format.like.test(value)) continue;
	console.error(`--${name} ${value} is ${format.not}`);
	process.exit(1);
}
const asked = process.argv.slice(2).filter((word) => word !== '--record');
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
			STORE_VERBS: values.verbs,
			STORE_SEED: values.seed,
			...(values.record && { RECORD_AS: ['npm run test:store --', ...asked].join(' ') })
		}
	}
);
process.exit(status ?? 1);
