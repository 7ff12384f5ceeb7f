// npm run proof:compare -- [--seeds N] [--calm] [--record]: three engines under the same N schedules.
import { parseArgs } from 'node:util';
import { compare } from './compare.ts';
import { record, typed } from './figures.ts';

const { values } = parseArgs({
	options: {
		seeds: { type: 'string', default: '1000' },
		calm: { type: 'boolean', default: false },
		record: { type: 'boolean', default: false }
	}
});
const count = Number(values.seeds);
if (!Number.isInteger(count) || count < 1) throw new Error('--seeds must be a whole number');

const figures = await compare(count, values.calm ? 'calm' : 'foul');
if (values.record)
	await record(values.calm ? 'calmComparison' : 'comparison', { command: typed('proof:compare'), figures });
console.log(JSON.stringify(figures));
