// A command that ran where its figures could not be put on record: node tests/proof/record.ts NAME --command WORDS --commit HASH < its output, made with --json
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { figureNames, record, type Figures } from './figures.ts';

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { command: { type: 'string' }, commit: { type: 'string' } }
});
const name = figureNames.find((each) => each === positionals[0]);
if (!name || !values.command || !values.commit)
	throw new Error(`usage: record.ts ${figureNames.join('|')} --command WORDS --commit HASH < OUTPUT`);
const line = readFileSync(0, 'utf8')
	.split('\n')
	.findLast((each) => each.startsWith('{'));
if (line === undefined) throw new Error('the output has no line of JSON: the command needs --json');
const figures = JSON.parse(line) as Figures[typeof name];
await record(name, { command: values.command, commit: values.commit, figures });
