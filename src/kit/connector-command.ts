import { checkConnector, checkUsage } from './check-connector.ts';
import { KitError } from './kit-error.ts';
import { newConnector } from './new-connector.ts';

const usage = `npm run connector -- new NAME
  makes src/engine/connectors/NAME, with a test for each thing still to write
${checkUsage}`;

/** Each prints what it did, and throws KitError where it cannot. */
const commands: Readonly<Record<string, (words: readonly string[]) => Promise<void> | void>> = {
	check: checkConnector,
	new: ([name, ...more]) => {
		if (name === undefined || more.length > 0) throw new KitError(usage);
		console.log(newConnector(process.cwd(), name).join('\n'));
	}
};

const [command = '', ...words] = process.argv.slice(2);
try {
	const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
	if (!run) throw new KitError(usage);
	await run(words);
} catch (error) {
	if (!(error instanceof KitError)) throw error;
	console.error(error.message);
	process.exitCode = 1;
}
