import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { functionsOf, importsOf, projectDirectory, readSources, type SourceFile } from './source-files.ts';

const longestFile = 300;
const longestFunction = 70;

const sources = readSources('src/**/*.{ts,mjs,svelte}');
const tests = readSources('tests/**/*.{ts,mjs}');
const production = sources.filter((file) => !/\.(test|cases)\.ts$/.test(file.path));

/**
 * What each room may import beside itself, the first matching line counts. `type:` allows types only.
 * Rooms that are not listed here (the starting points of processes, the demo) may import anything.
 */
const mayImport: [room: RegExp, targets: string[]][] = [
	[/^src\/sync\//, []],
	[/^src\/db\//, ['type:src/sync/']],
	[/^src\/entities\//, ['src/db/', 'src/sync/']],
	[/^src\/store\//, ['src/entities/', 'src/db/', 'src/sync/']],
	[
		/^src\/mappings\//,
		[
			'src/store/',
			'src/entities/',
			'src/db/',
			'src/sync/',
			'src/lib/forms/',
			'src/auth/roles.ts',
			'src/auth/api-token.ts',
			'src/auth/webhook-secret.ts',
			'type:src/auth/'
		]
	],
	[/^src\/engine\/connectors\//, ['src/sync/']],
	[/^src\/engine\/queue\//, ['src/engine/[a-z-]+.ts', 'src/db/']],
	[
		/^src\/engine\/runs\//,
		[
			'src/sync/',
			'src/entities/',
			'src/store/',
			'src/engine/connectors/',
			'src/engine/queue/',
			'src/engine/[a-z-]+.ts',
			'type:src/db/'
		]
	],
	[
		/^src\/engine\/api\//,
		['src/engine/', 'src/store/', 'src/mappings/', 'src/entities/', 'src/auth/', 'src/sync/', 'src/db/']
	],
	[/^src\/engine-client\//, ['type:src/engine/api/', 'src/auth/', 'type:src/']],
	[/^src\/auth\/(?!print-token)/, ['src/db/']],
	[
		/^src\/lib\/server\//,
		[
			'src/lib/',
			'src/mappings/',
			'src/engine-client/',
			'src/auth/',
			'src/entities/',
			'src/db/is-database-down.ts',
			'type:src/'
		]
	],
	[/^src\/lib\//, ['src/lib/', 'type:src/sync/']],
	[
		/^src\/routes\/.*\.server\.ts$|^src\/routes\/.*\+server\.ts$/,
		['src/routes/', 'src/lib/', 'src/mappings/', 'src/engine-client/', 'src/auth/', 'src/entities/', 'src/sync/']
	],
	[/^src\/(routes|params)\//, ['src/routes/', 'src/app.css', 'src/lib/(?!server/)', 'type:src/lib/server/']]
];

/** Browser code: a component must not reach what runs on the server, neither directly nor through a file beside it. */
const browserRoom = /^src\/lib\/(?!server\/)|^src\/(routes|params)\/(?!.*(\.server\.ts|\+server\.ts)$)/;

test('imports go in one direction', () => {
	const wrong = production.flatMap((file) => {
		const rule = mayImport.find(([room]) => room.test(file.path));
		if (!rule) return [];
		const home = /^src\/(engine\/)?[a-z-]+\//.exec(file.path)?.[0] ?? '';
		const own = home === 'src/lib/' || home === 'src/routes/' ? [] : [home];
		return importsOf(file)
			.filter(({ target }) => target.startsWith('src/'))
			.filter(({ target, typeOnly }) => ![...own, ...rule[1]].some((allowed) => permits(allowed, target, typeOnly)))
			.map(({ target }) => `${file.path} -> ${target}`);
	});
	expect(wrong).toEqual([]);
});

test('the store in memory is for simulations: nothing that runs imports it', () => {
	const wrong = production
		.filter((file) => !file.path.startsWith('src/store/memory/'))
		.filter((file) => importsOf(file).some(({ target }) => target.startsWith('src/store/memory/')))
		.map(({ path }) => path);
	expect(wrong).toEqual([]);
});

function permits(allowed: string, target: string, typeOnly: boolean): boolean {
	if (allowed.startsWith('type:')) return typeOnly && target.startsWith(allowed.slice('type:'.length));
	return new RegExp(`^${allowed}`).test(target);
}

test('the pure core and the browser use no Node modules, and the core no packages', () => {
	const wrong = production.flatMap((file) => {
		const packages = importsOf(file).filter(({ target }) => !target.startsWith('src/'));
		const banned = packages.filter(({ target, typeOnly }) => {
			if (file.path.startsWith('src/sync/')) return true;
			return browserRoom.test(file.path) && !typeOnly && /^(node:|postgres|drizzle-orm|pg|pino|hono)/.test(target);
		});
		return banned.map(({ target }) => `${file.path} -> ${target}`);
	});
	expect(wrong).toEqual([]);
});

test.each([
	{ folder: 'src/entities', apart: [] },
	// Exists in scenarios and simulations only; no channel can be made of it.
	{ folder: 'src/engine/connectors', apart: ['memory'] }
])('every folder in $folder has its line in the registry', ({ folder, apart }) => {
	const registry = readFileSync(path.join(projectDirectory, folder, 'registry.ts'), 'utf8');
	const missing = foldersIn(folder).filter((name) => !registry.includes(`'./${name}/`));
	expect(missing).toEqual(apart);
});

test('every connector passes the conformance suite', () => {
	const missing = foldersIn('src/engine/connectors').filter((name) => {
		const file = sources.find(({ path }) => path === `src/engine/connectors/${name}/conformance.test.ts`);
		return !file || !importsOf(file).some(({ target }) => target === 'tests/conformance/exercise-connector.ts');
	});
	expect(missing).toEqual([]);
});

test('files and functions are short enough to read', () => {
	const all = [...sources, ...tests];
	const files = all
		.map((file) => ({ path: file.path, lines: file.text.split('\n').length - 1 }))
		.filter(({ lines }) => lines > longestFile)
		.map(({ path, lines }) => `${path}: ${lines} lines`);
	const functions = production.flatMap((file) =>
		functionsOf(file)
			.filter(({ lines }) => lines > longestFunction)
			.map(({ name, lines }) => `${file.path}: ${name} has ${lines} lines`)
	);
	expect([...files, ...functions]).toEqual([]);
});

test('files are named for what they hold', () => {
	const vague = /^(utils?|helpers?|common|misc|types|interfaces|services?|constants)$/;
	const ownNames = /^(\+[a-z.@]+|app\.d|hooks\.server|README)$/;
	const wrong = [...sources, ...tests].filter(({ path: file }) => {
		const folders = path.posix.dirname(file).split('/');
		const name = path.posix.basename(file).replace(/\.[a-z]+$/, '');
		const kebab = /^[a-z0-9]+([-.][a-z0-9]+)*$/;
		return [...folders, name].some((part) => vague.test(part)) || (!kebab.test(name) && !ownNames.test(name));
	});
	expect(wrong.map((file) => file.path)).toEqual([]);
});

test('the environment is read in one place of each process', () => {
	const places =
		/^src\/(launch(\.mjs|\/)|demo\/|engine\/config\.ts|engine\/main\.ts|hooks\.server\.ts|lib\/server\/config\.ts|auth\/print-token\.ts|kit\/check-connector\.ts|source\/source-command\.ts|db\/embedded\/server\.ts)/;
	expect(containing(production, /process\.env/).filter((file) => !places.test(file))).toEqual([]);
});

test('no component writes markup that Svelte does not escape, or loads every icon there is', () => {
	expect(containing(production, /\{@html/)).toEqual([]);
	const barrel = production.filter((file) => importsOf(file).some(({ target }) => target === '@lucide/svelte'));
	expect(barrel.map((file) => file.path)).toEqual([]);
});

test('no test is singled out or left for later', () => {
	const wrong = [...sources, ...tests].filter(({ path }) => /\.(test|e2e)\.ts$/.test(path));
	expect(containing(wrong, /\b(it|test|describe)\.(only|todo)\(/)).toEqual([]);
});

test('nothing new lies at the top of the project', () => {
	const known = new Set([
		...[
			'.ci',
			'.dockerignore',
			'.editorconfig',
			'.gitattributes',
			'.github',
			'.gitignore',
			'.npmrc',
			'.prettierignore',
			'.prettierrc'
		],
		...['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md', 'docs'],
		...[
			'drizzle',
			'drizzle.config.ts',
			'eslint.config.js',
			'package-lock.json',
			'package.json',
			'playwright.config.ts'
		],
		...['src', 'static', 'svelte.config.js', 'tests', 'tsconfig.json', 'vite.config.ts', 'vitest.config.ts']
	]);
	expect(topLevel().filter((name) => !known.has(name))).toEqual([]);
});

/** What is committed or about to be; everything there is where git is missing. */
function topLevel(): string[] {
	if (!existsSync(path.join(projectDirectory, '.git'))) return [];
	const listed = execFileSync('git', ['ls-files'], { cwd: projectDirectory, encoding: 'utf8' });
	return [
		...new Set(
			listed
				.trim()
				.split('\n')
				.map((file) => file.split('/')[0] ?? '')
		)
	];
}

function foldersIn(folder: string): string[] {
	return readdirSync(path.join(projectDirectory, folder), { withFileTypes: true })
		.filter((entry) => entry.isDirectory())
		.map((entry) => entry.name);
}

function containing(files: SourceFile[], pattern: RegExp): string[] {
	return files.filter((file) => pattern.test(file.text)).map((file) => file.path);
}
