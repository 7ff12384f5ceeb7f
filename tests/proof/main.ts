// npm run proof -- [--seeds N]: plays N schedules and writes docs/proof.md from what came of them, and from what the long commands put on record.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { playSeeds } from '../simulation/farm.ts';
import { createSummary } from '../simulation/summary.ts';
import { readFigures, typed } from './figures.ts';
import { page, type Shown } from './page.ts';

const file = path.join(import.meta.dirname, '../../docs/proof.md');
const shownAtMost = 20;
const { values } = parseArgs({ options: { seeds: { type: 'string', default: '5000' } } });
const count = Number(values.seeds);
if (!Number.isInteger(count) || count < 1) throw new Error('--seeds must be a whole number');

const summary = createSummary();
const broken: Shown['broken'][number][] = [];
await playSeeds({
	seeds: Array.from({ length: count }, (_, index) => index + 1),
	onPlayed(played) {
		summary.add(played);
		for (const { invariant, what } of played.violations) console.error(`seed ${played.seed}: ${invariant}: ${what}`);
		const [first] = played.violations;
		if (first && broken.length < shownAtMost) broken.push({ seed: played.seed, ...first });
	}
});
const shown: Shown = {
	result: summary.result(),
	broken: broken.toSorted((one, other) => one.seed - other.seed),
	command: typed('proof')
};
mkdirSync(path.dirname(file), { recursive: true });
writeFileSync(file, await format(page(shown, readFigures()), { ...(await resolveConfig(file)), parser: 'markdown' }));
console.log(`${summary.text()}\nwritten to docs/proof.md`);
process.exitCode = summary.failed() > 0 ? 1 : 0;
