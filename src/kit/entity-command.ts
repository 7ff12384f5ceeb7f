import { KitError } from './kit-error.ts';
import { newEntity } from './new-entity.ts';

const usage = `npm run entity -- new NAME      makes src/entities/NAME with its migration, and a test for what is still to write`;

const [command, name, ...more] = process.argv.slice(2);
try {
	if (command !== 'new' || name === undefined || more.length > 0) throw new KitError(usage);
	console.log(newEntity(process.cwd(), name).join('\n'));
} catch (error) {
	if (!(error instanceof KitError)) throw error;
	console.error(error.message);
	process.exitCode = 1;
}
