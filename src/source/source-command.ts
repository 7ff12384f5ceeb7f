import { parseArgs } from 'node:util';
import { connect } from '#src/db/client.ts';
import { findDatabase } from '#src/launch/database.ts';
import { readSettings } from '#src/launch/settings.ts';
import { check, type Finding } from './check.ts';
import { entityOf } from './descriptor.ts';
import { readHostFacts } from './host-facts.ts';
import { plan, undo } from './plan.ts';
import { readDescriptor } from './read-descriptor.ts';
import { SourceError } from './source-error.ts';

const usage = `npm run -s source -- plan ENTITY [--file FILE]    prints the SQL that makes another application's table the records of ENTITY
npm run -s source -- undo ENTITY [--file FILE]    prints the SQL that puts our own table back in its place
npm run source -- check ENTITY [--file FILE]   compares the descriptor with the database
  FILE is sources/ENTITY.json where none is named; docs/source.md describes it`;

function argumentsIn(words: readonly string[]) {
	try {
		const { values, positionals } = parseArgs({
			args: [...words],
			allowPositionals: true,
			options: { file: { type: 'string' } }
		});
		const [command, entity, ...more] = positionals;
		if (command === undefined || entity === undefined || more.length > 0) throw new SourceError(usage);
		return { command, entity, file: values.file };
	} catch (error) {
		if (error instanceof SourceError) throw error;
		throw new SourceError(`${error instanceof Error ? error.message : ''}\n${usage}`);
	}
}

async function findings(name: string, file: string | undefined): Promise<Finding[]> {
	const { source } = readDescriptor(process.cwd(), name, file);
	const url = findDatabase(readSettings(process.env));
	if (!url) throw new SourceError('no database runs: set DATABASE_URL, or start one with npm run demo');
	const { db, close } = connect(url, { max: 1, applicationName: 'channel-mapping source' });
	try {
		const entity = entityOf(source);
		return check(entity, source, await readHostFacts(db, entity, source));
	} finally {
		await close();
	}
}

function printed(found: readonly Finding[]): string {
	const width = Math.max(...found.map(({ what }) => what.length));
	return found
		.map(({ what, result, detail, hint }) => {
			const line = `${result.padEnd(5)}  ${what.padEnd(width)}  ${detail}`;
			return hint === undefined ? line : `${line}. ${hint}`;
		})
		.join('\n');
}

async function run(words: readonly string[]): Promise<number> {
	const { command, entity, file } = argumentsIn(words);
	if (command === 'check') {
		const found = await findings(entity, file);
		console.log(printed(found));
		return found.some(({ result }) => result === 'wrong') ? 1 : 0;
	}
	if (command !== 'plan' && command !== 'undo') throw new SourceError(usage);
	const { source, from } = readDescriptor(process.cwd(), entity, file);
	console.log(command === 'plan' ? plan(entityOf(source), source, from) : undo(entityOf(source), source));
	return 0;
}

try {
	process.exitCode = await run(process.argv.slice(2));
} catch (error) {
	if (!(error instanceof SourceError)) throw error;
	console.error(error.message);
	process.exitCode = 1;
}
