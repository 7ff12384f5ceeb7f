import { parseArgs } from 'node:util';

/** What `npm run bench` was asked for: `[suite] [--json] [--links N]`, where N links are many (BENCH_LINKS says so too). */
const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { json: { type: 'boolean', default: false }, links: { type: 'string' } }
});

export const suiteName = positionals[0] ?? 'sync';
export const json = values.json;
export const manyLinks = Number(values.links ?? process.env['BENCH_LINKS'] ?? '1000000');

if (!Number.isInteger(manyLinks) || manyLinks < 1) {
	console.error('--links takes a whole number from 1');
	process.exit(1);
}
