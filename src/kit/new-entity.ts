import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { addToRegistry, fillTemplate, kitName, type KitName } from './fill-template.ts';
import { KitError } from './kit-error.ts';

const template = path.join(import.meta.dirname, 'entity-template');

/** Makes the folder of an entity, its registry line and its migration; returns what to tell the person. @throws KitError */
export function newEntity(project: string, name: string): string[] {
	const names = kitName(name);
	const folder = path.join('src', 'entities', names.kebab);
	const made = fillTemplate(template, path.join(project, folder), names);
	addToRegistry(path.join(project, 'src/entities/registry.ts'), 'entities: readonly Entity[]', names);
	const migration = generateMigration(project, names);
	return [
		...made.map((file) => `made     ${path.relative(project, file)}`),
		`made     ${migration}`,
		'changed  src/entities/registry.ts',
		'',
		`next     npx vitest run ${folder}/conformance.pg.test.ts`,
		'         Each failing test says what is still to write, and where. After a change of table.ts: npm run db:generate.'
	];
}

/** The tables as drizzle-kit writes them, and the call that makes the entity take part. */
function generateMigration(project: string, { snake, kebab }: KitName): string {
	const before = new Set(migrationsIn(project));
	const command = path.join(project, 'node_modules', 'drizzle-kit', 'bin.cjs');
	execFileSync(process.execPath, [command, 'generate', '--name', snake], { cwd: project, stdio: 'pipe' });
	const made = migrationsIn(project).find((file) => !before.has(file));
	if (!made) throw new KitError('drizzle-kit made no migration: run npm run db:generate and look at what it says.');
	const names = [kebab, `m_${snake}`, `c_channel_map_${snake}`, `m_${snake}_id`, `external_${snake}_id`];
	const attach = `SELECT cm_attach_entity(${names.map((each) => `'${each}'`).join(', ')});`;
	appendFileSync(path.join(project, 'drizzle', made), `\n--> statement-breakpoint\n${attach}\n`);
	return path.join('drizzle', made);
}

function migrationsIn(project: string): string[] {
	return readdirSync(path.join(project, 'drizzle')).filter((file) => file.endsWith('.sql'));
}
