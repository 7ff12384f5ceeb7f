import path from 'node:path';
import { addToRegistry, fillTemplate, kitName } from './fill-template.ts';

const template = path.join(import.meta.dirname, 'connector-template');

/** Makes the folder of a connector and its registry line; returns what to tell the person. @throws KitError */
export function newConnector(project: string, name: string): string[] {
	const names = kitName(name);
	const folder = path.join('src', 'engine', 'connectors', names.kebab);
	const made = fillTemplate(template, path.join(project, folder), names);
	addToRegistry(path.join(project, 'src/engine/connectors/registry.ts'), 'connectors: readonly Connector[]', names);
	return [
		...made.map((file) => `made     ${path.relative(project, file)}`),
		'changed  src/engine/connectors/registry.ts',
		'',
		`next     npx vitest run ${folder}/conformance.test.ts`,
		'         Each failing test says what is still to write, and where. The contract is src/engine/connectors/connector.ts.'
	];
}
